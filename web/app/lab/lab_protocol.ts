/** What the page and its worker say to each other. */
import type { Edits } from '../../../bench/lab/edited_scope.ts';
import type { Choice, LabResult, LaunchFacts } from '../../../bench/lab/session.ts';

/** One entry of the lists: an op's pass on tensors of one size. */
export interface Entry {
  readonly op: string;
  readonly pass: string;
  readonly title: string;
  readonly group: string;
}

export interface AdapterSummary {
  readonly name: string;
  readonly software: boolean;
  readonly half: boolean;
}

/** Files of a golden folder by their paths relative to its manifest. */
export type GoldenFiles = Readonly<Record<string, Blob>>;

/** What is asked, and what is answered. */
export interface Tasks {
  readonly catalogue: { readonly asks: null; readonly answers: readonly Entry[] };
  readonly adapter: { readonly asks: null; readonly answers: AdapterSummary };
  readonly describe: { readonly asks: Choice; readonly answers: LaunchFacts };
  readonly run: {
    readonly asks: { readonly choice: Choice; readonly edits: Edits };
    readonly answers: LabResult;
  };
  /** Every op against the plain loops, then the golden values that the page brings. */
  readonly check: { readonly asks: null; readonly answers: Counts };
  readonly golden: { readonly asks: GoldenFiles; readonly answers: Counts };
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

export type TaskName = keyof Tasks;

export interface Request<T extends TaskName = TaskName> {
  readonly id: number;
  readonly task: T;
  readonly asks: Tasks[T]['asks'];
}

/** On the way to an answer: a line to keep, or where the work stands. */
export interface Note {
  readonly line?: string;
  readonly stage?: string;
}

export type Reply =
  | { readonly id: number; readonly note: Note }
  | { readonly id: number; readonly answers: unknown }
  | { readonly id: number; readonly error: string };
