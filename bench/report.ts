/** What a benchmark found, in the form of `bench --json` and of saved files. */
import type { KernelTime } from '../src/gpu/profile.ts';
import type { Pass } from './case.ts';

export interface Adapter {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** Computes on the CPU. */
  readonly software: boolean;
}

/** What the adapter can do at best, measured in the same run. */
export interface Ceilings {
  readonly fma_gflops: number;
  readonly copy_gbps: number;
  /** The loops that were fastest. */
  readonly fma_loop: string;
  readonly copy_loop: string;
  readonly fma_spread: number;
  readonly copy_spread: number;
}

export interface Row {
  readonly op: string;
  readonly pass: Pass;
  readonly layer: string;
  readonly variant: string;
  readonly kernel: number | null;
  readonly stride: number | null;
  readonly in_channels: number | null;
  readonly out_channels: number | null;
  /** Voxels of x, [D, H, W]; of parameters their number. */
  readonly shape: readonly number[];
  readonly batch: number;
  /** Median; null if the kernel is wrong or failed, and `error` says how. */
  readonly ms: number | null;
  /** Distance of the quartiles over the median. */
  readonly spread: number | null;
  readonly gflops: number | null;
  readonly gbps: number | null;
  /** Of the roofline. */
  readonly percent_of_ceiling: number | null;
  readonly error?: string;
}

export interface NetworkRow {
  readonly name: string;
  /** Voxels of a patch, [D, H, W]. */
  readonly shape: readonly number[];
  readonly batch: number;
  readonly what: 'forward' | 'training_step';
  /** Median on the wall clock, from the first dispatch to the last result. */
  readonly ms: number | null;
  readonly spread: number | null;
  /** Useful multiply-adds of the convolutions alone. */
  readonly gflops: number | null;
  /** Of the FMA ceiling. */
  readonly percent_of_ceiling: number | null;
  /** Of the GPU's time, by kernels that are not a convolution; null without timestamps. */
  readonly non_convolution_share: number | null;
  /** Most GPU memory in use at once, parameters and optimiser included. */
  readonly peak_bytes: number | null;
  readonly dispatches: number | null;
  readonly submits: number | null;
  /** Sizes of all tensors given to all kernels. */
  readonly bytes_moved: number | null;
  /** Parameters, gradients, two moments, and each convolution's output once; for training only. */
  readonly base_bytes: number | null;
  /** Time per kernel, slowest first; empty without timestamps. */
  readonly kernels: readonly KernelTime[];
  readonly error?: string;
}

export interface Report {
  readonly voxgrad: string;
  /** Of the checkout; null for an installed package. */
  readonly commit: string | null;
  /** ISO 8601. */
  readonly date: string;
  readonly adapter: Adapter;
  readonly ceilings: Ceilings;
  readonly rows: readonly Row[];
  readonly network: readonly NetworkRow[];
}

/** The better of two measurements, each ceiling for itself. */
export function higher(a: Ceilings, b: Ceilings): Ceilings {
  const { fma_gflops, fma_loop, fma_spread } = a.fma_gflops >= b.fma_gflops ? a : b;
  const { copy_gbps, copy_loop, copy_spread } = a.copy_gbps >= b.copy_gbps ? a : b;
  return { fma_gflops, copy_gbps, fma_loop, copy_loop, fma_spread, copy_spread };
}

/**
 * How much of the roofline an op reaches, in percent: the time that all its operations would take at
 * the FMA ceiling, or all its bytes at the copy ceiling, whichever is longer, over its own time.
 * Williams et al. 2009, "Roofline".
 */
export function rooflineShare(
  { gflops, gbps }: Pick<Row, 'gflops' | 'gbps'>,
  { fma_gflops, copy_gbps }: Pick<Ceilings, 'fma_gflops' | 'copy_gbps'>,
): number | null {
  if (gbps === null) return null;
  return 100 * Math.max((gflops ?? 0) / fma_gflops, gbps / copy_gbps);
}

/** Fills in `percent_of_ceiling`: of the roofline for ops, of the FMA ceiling for networks. */
export function withCeilings<T extends Pick<Report, 'rows' | 'network'>>(
  report: T,
  ceilings: Ceilings,
): T & { readonly ceilings: Ceilings } {
  const { rows, network } = report;
  return {
    ...report,
    ceilings,
    rows: rows.map((row) => ({ ...row, percent_of_ceiling: rooflineShare(row, ceilings) })),
    network: network.map((row) => ({
      ...row,
      percent_of_ceiling: row.gflops === null ? null : (100 * row.gflops) / ceilings.fma_gflops,
    })),
  };
}

/** Everything that has no number. */
export function failures({ rows, network }: Pick<Report, 'rows' | 'network'>): string[] {
  return [
    ...rows.map((row) => ({ name: `${row.op} ${row.pass} ${row.layer} ${row.variant}`, ...row })),
    ...network.map((row) => ({ ...row, name: `${row.name} ${row.what} ${row.shape.join('x')}` })),
  ].flatMap(({ name, error }) => (error === undefined ? [] : [`${name}: ${error}`]));
}

/** Letters, digits and dashes: `mesa-software-llvmpipe`. */
export function deviceName({ vendor, architecture, device, description }: Adapter): string {
  const words = [vendor, architecture, device || description].join(' ').toLowerCase();
  return (
    words
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 60) || 'unknown'
  );
}
