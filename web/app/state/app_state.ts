/** What the page knows; the panels draw it and change it. */
import type {
  LabelledEvaluationJson,
  ModelFacts,
  ScanFacts,
  Segmentation,
} from '../../../src/index.ts';
import { createStore, type Store } from '../../common/store.ts';
import type { Engine } from '../engine.ts';

export type ScanState = 'waiting' | 'running' | 'done' | 'failed';

export interface Scan {
  /** Case name: the file name without its ending; no two scans have the same. */
  readonly name: string;
  readonly file: File;
  readonly state: ScanState;
  /** 0 to 1 while it is being segmented. */
  readonly fraction: number;
  /** Why it failed, in plain words. */
  readonly failure?: string | undefined;
  /** Undefined until it has been looked at, and for a file that cannot be read. */
  readonly facts?: ScanFacts | undefined;
  readonly segmentation?: Segmentation | undefined;
  /** Model and options of the segmentation: with others it would be another. */
  readonly recipe?: string | undefined;
  /** Of the segmentation, with the label map of that file. */
  readonly evaluation?: Evaluated | undefined;
}

export interface Evaluated {
  readonly segmentation: Segmentation;
  readonly label: File;
  /** Undefined where it failed. */
  readonly json?: LabelledEvaluationJson | undefined;
  readonly failure?: string | undefined;
}

/** A label map to compare with, chosen or dropped. */
export interface LabelMap {
  readonly name: string;
  readonly file: File;
}

export interface LoadedModel {
  /** Another one for each file that was loaded. */
  readonly id: number;
  readonly fileName: string;
  readonly file: Blob;
  /** The model that comes with the page. */
  readonly isDemo: boolean;
  readonly facts: ModelFacts;
  /** By label value; the first is the background. */
  readonly classNames: readonly string[];
}

/** How scans are segmented. */
export interface Options {
  /** Averages over mirror images. */
  readonly tta: boolean;
  /** Undefined: the model's own. */
  readonly patchSize: readonly [number, number, number] | undefined;
  /** GPU memory that may be taken, MiB; undefined: what the adapter allows. */
  readonly gpuMiB: number | undefined;
}

/** Who has the graphics processor: one at a time. */
export type Activity = 'idle' | 'segmenting' | 'training';

export type StatusState = 'idle' | 'busy' | 'done' | 'error';

export interface Status {
  readonly state: StatusState;
  readonly text: string;
}

/** Something that may help after a refusal. */
export interface Remedy {
  readonly label: string;
  readonly apply: () => void;
}

export interface RunProgress {
  /** 0 to 1 over all scans of the run. */
  readonly fraction: number;
  /** What is being done, and how long it goes on. */
  readonly note: string;
}

export interface AppState {
  /** Undefined until it is open, and where there is none. */
  readonly engine: Engine | undefined;
  readonly scans: readonly Scan[];
  /** Name of the scan that the viewer shows. */
  readonly selected: string | undefined;
  readonly labels: readonly LabelMap[];
  readonly model: LoadedModel | undefined;
  readonly options: Options;
  readonly activity: Activity;
  readonly status: Status;
  readonly remedy: Remedy | undefined;
  readonly progress: RunProgress;
  /** Colours of the classes in predictions that were changed, `#rrggbb` by label value. */
  readonly colours: ReadonlyMap<number, string>;
}

export type AppStore = Store<AppState>;

export const createAppStore = (): AppStore =>
  createStore<AppState>({
    engine: undefined,
    scans: [],
    selected: undefined,
    labels: [],
    model: undefined,
    options: { tta: false, patchSize: undefined, gpuMiB: undefined },
    activity: 'idle',
    status: { state: 'busy', text: 'looking for a graphics processor …' },
    remedy: undefined,
    progress: { fraction: 0, note: '' },
    colours: new Map(),
  });

/** Shows a sentence in the status line; what was offered before it is taken back. */
export function report(store: AppStore, state: StatusState, text: string, remedy?: Remedy): void {
  store.set({ status: { state, text }, remedy });
}

/** Changes one scan; one that has been removed stays so. */
export function changeScan(store: AppStore, name: string, change: Partial<Scan>): void {
  const scans = store
    .get()
    .scans.map((scan) => (scan.name === name ? { ...scan, ...change } : scan));
  store.set({ scans });
}
