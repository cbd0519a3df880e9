/** What the page knows; the panels draw it and change it. */
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
  readonly failure: string | undefined;
}

/** A label map to compare with, chosen or dropped. */
export interface LabelMap {
  readonly name: string;
  readonly file: File;
}

export interface LoadedModel {
  readonly fileName: string;
  readonly file: Blob;
  /** The model that comes with the page. */
  readonly isDemo: boolean;
  /** By label value; the first is the background. */
  readonly classNames: readonly string[];
}

/** Who has the graphics processor: one at a time. */
export type Activity = 'idle' | 'segmenting' | 'training';

export type StatusState = 'idle' | 'busy' | 'done' | 'error';

export interface Status {
  readonly state: StatusState;
  readonly text: string;
}

export interface AppState {
  /** Undefined until it is open, and where there is none. */
  readonly engine: Engine | undefined;
  readonly scans: readonly Scan[];
  /** Name of the scan that the viewer shows. */
  readonly selected: string | undefined;
  readonly labels: readonly LabelMap[];
  readonly model: LoadedModel | undefined;
  readonly activity: Activity;
  readonly status: Status;
}

export type AppStore = Store<AppState>;

export const createAppStore = (): AppStore =>
  createStore<AppState>({
    engine: undefined,
    scans: [],
    selected: undefined,
    labels: [],
    model: undefined,
    activity: 'idle',
    status: { state: 'busy', text: 'looking for a graphics processor …' },
  });
