/** `--mlflow` of a training: its flags, its tracker, and what it says at the end. */
import type { Command } from 'commander';
import { MlflowTracker } from '../node/mlflow/mlflow_tracker.ts';
import { type SyncReport, syncReportText } from '../node/mlflow/sync_report.ts';
import type { RunConfig } from '../train/run_config.ts';
import type { Terminal } from './terminal.ts';

export function addMlflowOptions(command: Command): Command {
  return command
    .option('--mlflow <url>', 'send the run to this MLflow server while it trains')
    .option('--mlflow-experiment <name>', 'there (default: UNet)')
    .option('--mlflow-run-name <name>', 'there (default: run_YYYYmmdd_HHMMSS)');
}

/** The tracker that the settings ask for, if they do. */
export function mlflowTracker(
  { tracking }: RunConfig,
  onMessage: (message: string) => void,
): MlflowTracker | undefined {
  const { mlflow, experiment, runName } = tracking;
  if (mlflow === undefined) return undefined;
  return new MlflowTracker({
    uri: mlflow,
    ...(experiment === undefined ? {} : { experiment }),
    ...(runName === undefined ? {} : { runName }),
    onMessage,
    onEnd: (seconds) => onMessage(`mlflow: sending what is left, ${seconds} s at most`),
  });
}

/** Where the run is, or what has not been sent, and how to send it. */
export function noteReport(terminal: Terminal, report: SyncReport | undefined): void {
  if (!report) return;
  if (report.unsent.length === 0) terminal.log(syncReportText(report));
  else terminal.warn(syncReportText(report));
}
