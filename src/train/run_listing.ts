/** What is said about recorded runs, as JSON: by `voxgrad runs --json` and to the page of `voxgrad ui`. */
import type { LabelledEvaluationJson } from './evaluation.ts';
import type { SplitSection } from './subject_split.ts';

/** Damaged: a file of the run cannot be read. Interrupted: steps are missing, and no process is at work. */
export type RunState = 'running' | 'finished' | 'interrupted' | 'damaged';

/** One row of a table of runs. */
export interface RunSummary {
  /** Path below the listed folder with forward slashes; '.' for that folder itself. */
  readonly id: string;
  readonly name: string;
  readonly state: RunState;
  /** What is wrong with a damaged run, or what ended an interrupted one. */
  readonly error: string | null;
  /** ISO 8601. */
  readonly started: string | null;
  readonly steps: number;
  readonly totalSteps: number | null;
  /** Whole epochs. */
  readonly epochs: number;
  /** Highest accumulated validation Dice; the kept weights are of its epoch. */
  readonly bestDice: number | null;
  /** Of the epoch with the best Dice, without one of the last epoch. */
  readonly validLoss: number | null;
  /** Voxels. */
  readonly patchSize: readonly number[] | null;
  /** Millimetres; null: each image's own. */
  readonly spacing: readonly number[] | null;
  readonly parameters: number | null;
  /** Training and validation of whole epochs. */
  readonly seconds: number;
  /** Means over the cases of the stored evaluation. */
  readonly evaluation: RunScore | null;
  /** Changes whenever a file of the run does. */
  readonly version: string;
}

export interface RunScore {
  readonly cases: number;
  readonly dsc: number | null;
  readonly hd95: number | null;
}

/** One epoch of a run; a value that does not exist is null. */
export interface EpochPoint {
  readonly epoch: number;
  readonly steps: number;
  readonly trainLoss: number | null;
  readonly validLoss: number | null;
  readonly accumulatedDice: number | null;
  readonly isBest: boolean;
  readonly seconds: number;
}

/** Losses and rates by step, in columns, from a given step on; and all epochs. */
export interface RunCurves {
  /** Another value means that earlier steps may have changed: the run was resumed. */
  readonly session: string;
  /** Number of steps before the first one here. */
  readonly from: number;
  readonly totalSteps: number | null;
  readonly loss: readonly (number | null)[];
  readonly lr: readonly (number | null)[];
  readonly epochs: readonly EpochPoint[];
}

/** A subject of the run's data set, and which of its volumes can be looked at. */
export interface RunCase {
  readonly name: string;
  readonly section: SplitSection | null;
  /** Of the stored evaluation. */
  readonly dsc: number | null;
  /** File names, null where there is none. */
  readonly image: string | null;
  readonly label: string | null;
  readonly prediction: string | null;
}

/** Everything about one run but its curves. */
export interface RunDetail {
  readonly summary: RunSummary;
  /** Its config.json. */
  readonly config: unknown;
  /** By label value; empty where the run has not recorded them. */
  readonly classNames: readonly string[];
  /** Names of the PNG files in its figures folder. */
  readonly figures: readonly string[];
  readonly evaluation: LabelledEvaluationJson | null;
  /** The worst first, then those that nobody measured. */
  readonly cases: readonly RunCase[];
  /** Why something is missing, as sentences. */
  readonly notes: readonly string[];
}
