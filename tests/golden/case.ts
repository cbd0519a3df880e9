/** What a golden handler sees of one case, and what it gives back. */
import type { Gpu } from '../../src/gpu/device.ts';

export interface GoldenArray {
  readonly data: Float32Array | Float64Array | Int32Array | Uint8Array;
  readonly shape: readonly number[];
}

export interface GoldenCase {
  readonly name: string;
  readonly op: string;
  // biome-ignore lint/suspicious/noExplicitAny: the manifest's parameters are free-form JSON.
  readonly params: Record<string, any>;
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Content of a file beside the manifest, as `params.path` and the like name it. */
  file(path: string): Uint8Array;
  input(name: string): GoldenArray;
  output(name: string): GoldenArray;
  readonly gpu: Gpu;
}

export interface GoldenResult {
  readonly data: ArrayLike<number>;
  /** Elements to compare; without it all are compared. */
  readonly where?: (index: number) => boolean;
}

/** Computes every output of the case, by the name that the manifest gives it. */
export type GoldenHandler = (
  c: GoldenCase,
) => Promise<Record<string, GoldenResult>> | Record<string, GoldenResult>;
