/** Starts and ends work in the engine: one run at a time, looking at files in between. */
import { plainMessage } from '../plain_message.ts';
import { markUnreadable } from '../scans/scan_actions.ts';
import { type AppStore, changeScan, report } from '../state/app_state.ts';
import { compareScan, scansToCompare } from './compare.ts';
import { segmentScans } from './segment_run.ts';

export class Runner {
  private readonly store: AppStore;
  private controller: AbortController | undefined;
  private readonly restart: () => void;
  private isComparing = false;
  private readonly inspected = new WeakSet<File>();

  /** @param restart opens another worker in place of one that has died */
  constructor(store: AppStore, restart: () => void) {
    this.store = store;
    this.restart = restart;
    store.subscribe(() => {
      this.inspect();
      void this.compare();
    });
  }

  /** Segments all scans that are due. */
  async segment(): Promise<void> {
    const { engine, model, activity, scans } = this.store.get();
    if (!engine || !model || activity !== 'idle' || scans.length === 0) return;
    this.controller = new AbortController();
    this.store.set({ activity: 'segmenting', progress: { fraction: 0, note: '' } });
    try {
      await segmentScans(this.store, {
        engine,
        model,
        signal: this.controller.signal,
        restart: this.restart,
      });
    } finally {
      this.controller = undefined;
      this.store.set({ activity: 'idle' });
    }
  }

  cancel(): void {
    this.controller?.abort();
  }

  /** Reads what files of new scans say of themselves; one that cannot be read is marked at once. */
  private inspect(): void {
    const { engine, scans } = this.store.get();
    if (!engine) return;
    for (const { name, file } of scans) {
      if (this.inspected.has(file)) continue;
      this.inspected.add(file);
      engine.inspect(file).then(
        (facts) => changeScan(this.store, name, { facts }),
        (error: unknown) => markUnreadable(this.store, name, error),
      );
    }
  }

  /** Metrics follow label maps that come and go after a run. */
  private async compare(): Promise<void> {
    const { engine, activity } = this.store.get();
    if (this.isComparing || activity !== 'idle' || !engine) return;
    const due = scansToCompare(this.store);
    if (due.length === 0) return;
    this.isComparing = true;
    const before = this.store.get().status;
    try {
      for (const name of due) {
        report(this.store, 'busy', `comparing ${name} with the ground truth`);
        const failure = await compareScan(this.store, engine, name, new AbortController().signal);
        if (failure) report(this.store, 'error', `${name} could not be compared: ${failure}`);
      }
      if (this.store.get().status.state === 'busy') this.store.set({ status: before });
    } catch (error) {
      report(this.store, 'error', plainMessage(error));
    } finally {
      this.isComparing = false;
    }
  }
}
