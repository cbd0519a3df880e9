/** A training's copy on an MLflow server. */
import type { RunTracker, TrackedRun } from '../run_tracker.ts';
import { MlflowSession, type MlflowSessionOptions } from './mlflow_session.ts';
import type { SyncReport } from './sync_report.ts';
import { trackingUri } from './tracking_uri.ts';

export interface MlflowTrackerOptions
  extends Omit<MlflowSessionOptions, 'root' | 'data' | 'resume'> {
  /** Called when what is left is about to be sent. */
  readonly onEnd?: (atMostSeconds: number) => void;
  /** For what is left at the end. Default 30 s, 10 s after an abort. */
  readonly waitMs?: number;
}

export class MlflowTracker implements RunTracker {
  private readonly options: MlflowTrackerOptions;
  private session: MlflowSession | undefined;
  /** What the server has, and what not; there after the end. */
  report: SyncReport | undefined;

  /** @throws ConfigError for an address that is none, see `trackingUri` */
  constructor(options: MlflowTrackerOptions) {
    trackingUri(options.uri);
    this.options = options;
  }

  /** @throws as `MlflowSession.open` */
  async begin({ root, data, isResumed, epochs, lossName }: TrackedRun): Promise<void> {
    const { options } = this;
    this.session = await MlflowSession.open({
      ...options,
      root,
      data,
      resume: isResumed,
      params: { epochs: String(epochs), loss_function: lossName, ...options.params },
    });
  }

  notify(): void {
    this.session?.notify();
  }

  async end(status: 'FINISHED' | 'FAILED' | 'KILLED'): Promise<void> {
    const { session, options } = this;
    if (!session) return;
    this.session = undefined;
    const waitMs = options.waitMs ?? (status === 'KILLED' ? 10_000 : 30_000);
    options.onEnd?.(waitMs / 1000);
    try {
      this.report = await session.close(status, waitMs);
    } catch (error) {
      options.onMessage?.(`mlflow: ${(error as Error).message}`);
    }
  }
}
