/** `voxgrad mlflow`: sends a finished or interrupted run to an MLflow server. */
import type { Command } from 'commander';
import { readJsonFile } from '../node/json_file.ts';
import { evaluationMetrics } from '../node/mlflow/evaluation_metrics.ts';
import { syncReportText } from '../node/mlflow/sync_report.ts';
import { logMetrics, type SyncRunOptions, syncRun } from '../node/mlflow/sync_run.ts';
import { type Context, command, execute } from './command.ts';
import type { CommonOptions } from './terminal.ts';

interface MlflowOptions extends CommonOptions {
  readonly mlflow?: string;
  readonly mlflowExperiment?: string;
  readonly mlflowRunName?: string;
  readonly modelName?: string;
  readonly metrics?: string;
  readonly prefix: string;
  readonly force?: boolean;
}

const EXAMPLE = `voxgrad mlflow runs/heart --mlflow http://127.0.0.1:5000
voxgrad mlflow runs/heart --metrics predictions/metrics.json`;

const NOTES = `
Sends what the server has not got: parameters, every point of every curve, tables of subjects, files, the
model, and the state of the run. Doing it again sends nothing twice. RUN/mlflow.json remembers what the
server has taken. A run that was not tracked while it trained is sent as a new one.

--metrics adds the means of an evaluation to the run, as dsc, hd95 and so on behind --prefix; of several
classes also dsc_class_1, dsc_class_2 and so on.

The server asks for a password: MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or
MLFLOW_TRACKING_TOKEN. HTTP_PROXY, HTTPS_PROXY and NO_PROXY are honoured.`;

export function mlflowCommand(): Command {
  return command('mlflow', EXAMPLE)
    .argument('<run>', 'run folder of train')
    .option('--mlflow <url>', 'server (default: where the run went before, or MLFLOW_TRACKING_URI)')
    .option('--mlflow-experiment <name>', 'of a run that is new there (default: UNet)')
    .option('--mlflow-run-name <name>', 'of a run that is new there (default: run_YYYYmmdd_HHMMSS)')
    .option('--model-name <name>', "registered model (default: the experiment's name)")
    .option('--metrics <file>', 'metrics.json of evaluate, to be added to the run')
    .option('--prefix <text>', 'of the names of --metrics', 'test_')
    .option('--force', 'even if a training seems to send the run itself')
    .addHelpText('after', NOTES)
    .action((run: string, options: MlflowOptions) =>
      execute(options, (context) => send(run, options, context)),
    );
}

async function send(root: string, options: MlflowOptions, context: Context): Promise<void> {
  const { terminal, signal } = context;
  const { mlflow, mlflowExperiment, mlflowRunName, modelName, metrics, prefix, force } = options;
  const run: SyncRunOptions = {
    root,
    http: { signal },
    ...(mlflow === undefined ? {} : { uri: mlflow }),
    ...(mlflowExperiment === undefined ? {} : { experiment: mlflowExperiment }),
    ...(mlflowRunName === undefined ? {} : { runName: mlflowRunName }),
    ...(modelName === undefined ? {} : { modelName }),
    ...(force ? { force } : {}),
  };
  const report =
    metrics === undefined
      ? await syncRun(run)
      : await logMetrics(evaluationMetrics(await readJsonFile(metrics), prefix), run);
  terminal.result(report, syncReportText(report));
}
