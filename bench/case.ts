/** One thing to measure: an op's pass on tensors of one size. */
import type { Scope } from '../src/gpu/scope.ts';
import type { Tensor } from '../src/gpu/tensor.ts';

export type Pass = 'forward' | 'backward_input' | 'backward_weight' | 'backward';

/** Runs the op once; all results belong to `scope`. */
export type Launch = (scope: Scope) => readonly Tensor[];

export interface Workload {
  /** The right results, in the order of a launch's: from the op's naive kernel or its reference. */
  readonly expected: () => Promise<readonly Float32Array[]>;
  /** By name; `shipped` is what the library runs, `naive` the readable kernel where there is one. */
  readonly variants: Readonly<Record<string, Launch>>;
  /** Results are the op's own tensors, changed; they stay as they are after the check. */
  readonly inPlace?: boolean;
}

export interface BenchCase {
  /** As in file names. */
  readonly op: string;
  readonly pass: Pass;
  /** Where in the network. */
  readonly layer: string;
  readonly kernel: number | null;
  readonly stride: number | null;
  readonly inChannels: number | null;
  readonly outChannels: number | null;
  /** Voxels of x, [D, H, W]; of parameters their number. */
  readonly shape: readonly number[];
  readonly batch: number;
  readonly flops: number;
  /** Every tensor of the op read or written once. */
  readonly bytes: number;
  /** Left out where the adapter has not this optional feature. */
  readonly needs?: GPUFeatureName;
  readonly variants: readonly string[];
  /** Tensors belong to `scope`. */
  readonly setUp: (scope: Scope) => Workload;
}
