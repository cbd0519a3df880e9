/** A learner's fit as a run folder and, with a server, as an MLflow run. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Callback, FitContext } from '../../train/callbacks/callback.ts';
import type { Learner } from '../../train/learner.ts';
import { type RecordRunOptions, recordRun } from '../record_run.ts';
import { runFolder } from '../run_folder.ts';
import type { MlflowSessionOptions } from './mlflow_session.ts';
import { MlflowTracker } from './mlflow_tracker.ts';
import { syncReportText } from './sync_report.ts';
import { keepMetrics, type SyncRunOptions, syncRun } from './sync_run.ts';
import { defaultRunName } from './sync_state.ts';
import { TrackingError } from './tracking_error.ts';

export interface MlflowCallbackOptions
  extends Omit<RecordRunOptions, 'root'>,
    Pick<MlflowSessionOptions, 'tags' | 'params' | 'modelName' | 'http'> {
  /** Address of an MLflow server. Default: none, the run folder is the record. */
  readonly trackingUri?: string;
  /** Default: the network's name, `UNet`. */
  readonly experimentName?: string;
  /** Default: `run_YYYYmmdd_HHMMSS`. */
  readonly runName?: string;
  /** Default: `runs/<runName>`. */
  readonly runFolder?: string;
  /** Receives what goes on with the server; default: whoever watches the fit. */
  readonly onMessage?: (message: string) => void;
}

export interface MlflowCallback extends Callback {
  /** Where the run is recorded. */
  readonly runFolder: string;
  /**
   * Adds values to the finished run, e.g. of its evaluation. NaN and null are left out. What the server does not
   * take is kept in the folder, and said.
   *
   * @throws ConfigError before the fit, and for names of the training's own curves
   */
  logMetrics(metrics: Readonly<Record<string, number | null>>): Promise<void>;
}

/**
 * Records a fit: `recordRun`, and a copy of its folder on an MLflow server that is sent in the background. The fit
 * neither waits for the server nor fails with it; `syncRun`, or `voxgrad mlflow`, sends later what is missing.
 *
 * @param learner with a UNet and the loaders of `MedPatchDataLoaders`
 * @throws ConfigError as `recordRun`, and for an address that is none
 * @see fastMONAI create_mlflow_callback
 */
export function createMlflowCallback(
  learner: Learner,
  options: MlflowCallbackOptions,
): MlflowCallback {
  const { trackingUri, experimentName, runName = defaultRunName(new Date()), http } = options;
  const root = options.runFolder ?? join('runs', runName);
  const record = recordRun(learner, { ...options, root });
  let say = options.onMessage ?? options.onWarning ?? (() => {});
  const names = {
    runName,
    ...(experimentName === undefined ? {} : { experiment: experimentName }),
    ...(options.modelName === undefined ? {} : { modelName: options.modelName }),
    ...(http ? { http } : {}),
  };
  const tracker =
    trackingUri === undefined
      ? undefined
      : new MlflowTracker({
          ...names,
          uri: trackingUri,
          ...(options.tags ? { tags: options.tags } : {}),
          ...(options.params ? { params: options.params } : {}),
          onMessage: (message) => say(message),
        });
  let status: 'FINISHED' | 'FAILED' | 'KILLED' = 'FAILED';

  return {
    ...record,
    name: 'mlflow',
    runFolder: root,
    async beforeFit(fit) {
      say = options.onMessage ?? ((message) => fit.message(message));
      status = 'FAILED';
      await record.beforeFit?.(fit);
      if (!fit.isResumed) await rm(runFolder(root).mlflow, { force: true });
      await tracker?.begin({
        root,
        data: options.data,
        isResumed: fit.isResumed,
        epochs: Math.ceil(fit.history.totalSteps / fit.stepsPerEpoch),
        lossName: fit.loss.name,
      });
    },
    async afterEpoch(epoch, fit) {
      await record.afterEpoch?.(epoch, fit);
      tracker?.notify();
    },
    async afterFit(fit: FitContext) {
      await record.afterFit?.(fit);
      status = 'FINISHED';
    },
    async onError(error, fit) {
      await record.onError?.(error, fit);
      status = isAbort(error) ? 'KILLED' : 'FAILED';
    },
    async dispose() {
      await record.dispose?.();
      await tracker?.end(status);
      if (tracker?.report) say(syncReportText(tracker.report));
    },
    async logMetrics(metrics) {
      const run: SyncRunOptions = { root, ...names };
      await keepMetrics(metrics, run);
      if (trackingUri === undefined) return;
      try {
        await syncRun({ ...run, uri: trackingUri });
      } catch (error) {
        if (!(error instanceof TrackingError)) throw error;
        say(`mlflow: ${error.message} The values are in the run folder, and are sent later.`);
      }
    },
  };
}

/** Ctrl-C and timeouts end a fit with the reason of their signal. */
const isAbort = (error: unknown): boolean =>
  error instanceof Error && /^(AbortError|TimeoutError|Interrupted)$/.test(error.name);
