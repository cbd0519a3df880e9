/** A run: scans through the model one after another, each compared with its label map. */
import { GpuMemoryError, type Job, type Segmentation, WorkerError } from '../../../src/index.ts';
import { duration } from '../../common/format.ts';
import type { Engine } from '../engine.ts';
import { isAbort, plainMessage } from '../plain_message.ts';
import {
  type AppStore,
  changeScan,
  type LoadedModel,
  type Options,
  type Remedy,
  report,
  type Scan,
} from '../state/app_state.ts';
import { compareScan } from './compare.ts';
import { estimatePatches } from './patch_estimate.ts';
import { recipeOf, scansToSegment } from './recipe.ts';
import { RunClock, type StageReport } from './run_clock.ts';

const STAGES: Readonly<Record<string, string>> = {
  reading: 'reading',
  preparing: 'preparing',
  compiling: 'compiling kernels',
  predicting: 'segmenting',
  writing: 'writing',
  measuring: 'comparing with the ground truth',
};

const MEBIBYTE = 2 ** 20;

/** Bytes of the budget are the adapter's own where none is given. */
const settingsOf = ({ tta, patchSize, gpuMiB }: Options) => ({
  ...(tta ? { tta } : {}),
  ...(patchSize ? { patchSize } : {}),
  ...(gpuMiB === undefined ? {} : { gpuBytes: gpuMiB * MEBIBYTE }),
});

export interface Run {
  readonly engine: Engine;
  readonly model: LoadedModel;
  readonly signal: AbortSignal;
  /** Opens another worker in place of one that has died. */
  readonly restart: () => void;
}

/** Shows how far a run is. */
class RunView {
  private readonly store: AppStore;
  private readonly clock: RunClock;
  private readonly count: number;
  private at = 0;
  private name = '';

  constructor(store: AppStore, scans: readonly Scan[], { facts }: LoadedModel) {
    this.store = store;
    this.count = scans.length;
    const { patchSize = facts.patchSize } = store.get().options;
    this.clock = new RunClock(
      scans.map((scan) => scan.facts && estimatePatches(scan.facts, facts.spacing, patchSize)),
    );
  }

  begin(name: string): void {
    this.at++;
    this.name = name;
    this.clock.begin(performance.now());
    changeScan(this.store, name, { state: 'running', fraction: 0, failure: undefined });
    this.show({ stage: 'reading', done: 0, total: 1 });
  }

  show(progress: StageReport): void {
    const { stage, done, total } = progress;
    const now = performance.now();
    this.clock.report(progress, now);
    const place = this.count > 1 ? `${this.name} (${this.at} of ${this.count})` : this.name;
    const text = `${place}: ${STAGES[stage] ?? stage}`;
    if (this.store.get().status.text !== text) report(this.store, 'busy', text);
    const left = this.clock.remaining(now);
    const patches = stage === 'predicting' ? `patch ${Math.min(done + 1, total)} of ${total}` : '';
    const eta = left === undefined ? '' : `${duration(Math.ceil(left / 1000))} left`;
    this.store.set({
      progress: {
        fraction: this.clock.fraction,
        note: [patches, eta].filter((part) => part !== '').join(' · '),
      },
    });
    changeScan(this.store, this.name, { fraction: this.clock.scanFraction });
  }

  end(): void {
    this.clock.finish(performance.now());
    this.store.set({ progress: { fraction: this.clock.fraction, note: '' } });
  }
}

/** Progress of a job to a view, then its result. */
export async function follow<R>(
  job: Job<R, StageReport>,
  onProgress: (progress: StageReport) => void,
): Promise<R> {
  for await (const progress of job) onProgress(progress);
  return job.result;
}

/**
 * Segments the scans that have no such result yet. What fails is told at its scan, the others go on; the status ends
 * with `done`, with the names of what failed, or says that the run was cancelled.
 */
export async function segmentScans(store: AppStore, run: Run): Promise<void> {
  const { scans, options } = store.get();
  const recipe = recipeOf(run.model, options);
  const names = scansToSegment(scans, recipe);
  const view = new RunView(
    store,
    scans.filter(({ name }) => names.includes(name)),
    run.model,
  );
  const failures: { name: string; error: unknown }[] = [];
  let done = 0;
  try {
    for (const name of names) {
      const scan = store.get().scans.find((candidate) => candidate.name === name);
      // Taken away meanwhile.
      if (!scan) continue;
      view.begin(name);
      try {
        const segmentation = await segmentOne(scan, options, run, view);
        changeScan(store, name, { segmentation, recipe });
        view.show({ stage: 'measuring', done: 0, total: 1 });
        const mismatch = await compareScan(store, run.engine, name, run.signal);
        changeScan(store, name, { state: 'done', fraction: 1 });
        done++;
        if (mismatch) failures.push({ name: `the comparison of ${name}`, error: mismatch });
      } catch (error) {
        if (run.signal.aborted || isAbort(error)) {
          changeScan(store, name, { state: stateWithout(store, name, recipe), fraction: 0 });
          return tellCancelled(store, done, names.length);
        }
        failures.push({ name, error });
        changeScan(store, name, { state: 'failed', failure: plainMessage(error, name) });
        // The others would fail with it.
        if (error instanceof WorkerError) break;
      }
      view.end();
    }
    tellEnd(store, failures, done, run.restart);
  } finally {
    store.set({ progress: { ...store.get().progress, note: '' } });
  }
}

function segmentOne(
  scan: Scan,
  options: Options,
  { engine, signal }: Run,
  view: RunView,
): Promise<Segmentation> {
  const job = engine.segment(scan.file, { name: scan.name, signal, ...settingsOf(options) });
  return follow(job, (progress) => view.show(progress));
}

/** A scan whose run was cancelled after its segmentation keeps it. */
function stateWithout(store: AppStore, name: string, recipe: string): Scan['state'] {
  const scan = store.get().scans.find((candidate) => candidate.name === name);
  return scan?.segmentation && scan.recipe === recipe ? 'done' : 'waiting';
}

function tellCancelled(store: AppStore, done: number, count: number): void {
  store.set({ progress: { fraction: 0, note: '' } });
  report(store, 'idle', count > 1 ? `cancelled after ${done} of ${count} scans` : 'cancelled');
}

function tellEnd(
  store: AppStore,
  failures: readonly { name: string; error: unknown }[],
  done: number,
  restart: () => void,
): void {
  const [first] = failures;
  if (!first) {
    report(store, 'done', 'done');
    return;
  }
  const reason = plainMessage(first.error, first.name);
  const names = failures.map(({ name }) => name).join(', ');
  const text = failures.length === 1 ? `${names}: ${reason}` : `${names}. ${first.name}: ${reason}`;
  const last = failures.at(-1)!.error;
  const remedy =
    last instanceof WorkerError
      ? { label: 'Start the worker anew', apply: restart }
      : smallerPatches(store, first.error);
  if (done === 0) store.set({ progress: { fraction: 0, note: '' } });
  if (done > 0) report(store, 'done', `done, except ${text}`, remedy);
  else report(store, 'error', failures.length === 1 ? text : `failed: ${text}`, remedy);
}

/** A plan that takes too much memory says which patches would fit. */
function smallerPatches(store: AppStore, error: unknown): Remedy | undefined {
  if (!(error instanceof GpuMemoryError) || !error.suggestion) return undefined;
  const { patchSize, gpuBytes } = error.suggestion;
  const size = patchSize.join(' × ');
  return {
    label: `Use patches of ${size} (${Math.ceil(gpuBytes / MEBIBYTE)} MiB)`,
    apply: () => {
      store.set({ options: { ...store.get().options, patchSize } });
      report(store, 'idle', `patches of ${size} voxels: press Segment`);
    },
  };
}
