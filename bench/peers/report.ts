/** What a run of peers found, in the form of `--json` and of saved files. */
import type { Triple } from '../../src/shape.ts';
import type { Difference } from './differences.ts';
import type { Work } from './workload.ts';

export interface EngineReport {
  readonly name: string;
  readonly title: string;
  /** With its library's version; null if the engine did not start. */
  readonly version: string | null;
  /** Of engines on WebGPU. */
  readonly adapter: string | null;
  /** Why it did not start. */
  readonly error?: string;
}

export interface Cell {
  readonly engine: string;
  /** [D, H, W] */
  readonly size: Triple;
  readonly work: Work;
  /** Median; null if the engine failed, and `error` says how. */
  readonly ms: number | null;
  /** Distance of the quartiles over the median. */
  readonly spread: number | null;
  readonly runs: number;
  /** `ms` over voxgrad's of the same run: below 1 is faster than voxgrad. */
  readonly ratio: number | null;
  /** The first run, which compiles; the result is read in it. */
  readonly first_ms: number | null;
  /** Of logits, or of loss and gradients, against each engine that all are compared with. */
  readonly differences: Readonly<Record<string, Difference>>;
  /** False if a result is beyond the tolerance; null if there is nothing to compare with. */
  readonly right: boolean | null;
  readonly error?: string;
}

export interface PeersReport {
  /** ISO 8601. */
  readonly date: string;
  readonly command: string;
  readonly adapter: string;
  /** Model of the processor, and threads of the engines that compute on it. */
  readonly processor: string;
  readonly threads: number;
  readonly engines: readonly EngineReport[];
  readonly cells: readonly Cell[];
}
