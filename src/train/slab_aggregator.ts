/** Overlapping patches blended on the GPU, a few rows of the volume at a time. */
import { GpuError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import { aggregateAdd } from '../kernels/aggregate.ts';
import { fill } from '../kernels/fill.ts';
import type { AggregationMode } from '../patch/aggregator.ts';
import { hannAxis } from '../patch/hann_window.ts';
import { gaussianAxis, LEAST_IMPORTANCE } from '../patch/importance_map.ts';
import type { PatchLocation } from '../patch/location.ts';
import { showShape, type Triple } from '../shape.ts';

/** More hold memory longer, fewer take more kernels per patch. */
const MOST_ROWS = 32;

/** Rows of the volume along its first axis, with the sums of the patches that reach into them. */
export interface Slab {
  readonly first: number;
  readonly rows: number;
  /** [C + 1, rows, J, K], see `aggregateAdd`. */
  readonly sums: Tensor;
}

interface Rows {
  readonly first: number;
  readonly rows: number;
  sums: Tensor | undefined;
}

export interface SlabAggregatorOptions {
  /** Of the volume. */
  readonly shape: Triple;
  readonly channels: number;
  /** All patches that will be added, as `gridLocations` gives them, in that order. */
  readonly locations: readonly PatchLocation[];
  /** Default hann. */
  readonly mode?: AggregationMode;
  /** Voxels; `crop` cuts half of it from every border inside the volume. */
  readonly patchOverlap: Triple;
  /** Slabs that begin before this row are left out. Default 0. */
  readonly row?: number;
}

/** Voxels of a patch that count, along one axis: from the first up to but not including the second. */
type Range = readonly [number, number];

/**
 * Which part of the patch at each start counts. In crop mode parts neither overlap nor leave gaps:
 * where two would overlap, the later patch has it, as if it had overwritten the earlier.
 */
function rangesAlong(starts: readonly number[], size: number, cut: number): Map<number, Range> {
  const low = (start: number): number => (start > 0 ? cut : 0);
  return new Map(
    starts.map((start, n) => {
      const next = starts[n + 1];
      return [start, [low(start), next === undefined ? size : next + low(next) - start]];
    }),
  );
}

function windowOf(mode: AggregationMode, size: Triple): Float32Array {
  const axis = (length: number): Float64Array => {
    if (mode === 'hann') return hannAxis(length);
    return mode === 'gaussian' ? gaussianAxis(length) : new Float64Array(length).fill(1);
  };
  return Float32Array.from(size.flatMap((length) => [...axis(length)]));
}

/** First rows of the slabs: patches begin there, and nowhere are there more rows than `most`. */
function slabRows(starts: readonly number[], end: number, most: number): Rows[] {
  const slabs: Rows[] = [];
  starts.forEach((start, n) => {
    const stop = starts[n + 1] ?? end;
    for (let first = start; first < stop; first += most) {
      slabs.push({ first, rows: Math.min(most, stop - first), sums: undefined });
    }
  });
  return slabs;
}

/**
 * Weighted sums of patches, in slabs that exist from the first patch that reaches them until they
 * are released. No more rows are held than a patch is deep, and those of one slab.
 *
 * @see `GridAggregator`, which does the same on the CPU for a whole volume
 */
export class SlabAggregator {
  private readonly scope: Scope;
  private readonly options: SlabAggregatorOptions;
  private readonly window: Tensor;
  private readonly slabs: Rows[];
  /** In crop mode, by axis and start; otherwise all of a patch counts. */
  private readonly ranges: readonly Map<number, Range>[] | undefined;
  private readonly least: number;

  /** @throws GpuError for a volume of which one row is larger than a binding may be */
  constructor(gpu: Gpu, options: SlabAggregatorOptions) {
    const { shape, channels, locations, mode = 'hann', patchOverlap, row = 0 } = options;
    const { size } = locations[0]!;
    const rowBytes = 4 * (channels + 1) * shape[1] * shape[2];
    const { maxStorageBufferBindingSize, maxBufferSize } = gpu.device.limits;
    const limit = Math.min(maxStorageBufferBindingSize, maxBufferSize, 2 ** 31 - 4);
    const most = Math.min(MOST_ROWS, Math.floor(limit / rowBytes));
    if (most < 1) {
      throw new GpuError(
        `SlabAggregator: one row of the volume is larger than one binding. ${channels} classes of ${showShape(shape)} take ${rowBytes} bytes per row, this adapter binds ${limit}. Use a coarser spacing.`,
      );
    }
    const starts = [0, 1, 2].map((axis) =>
      [...new Set(locations.map(({ start }) => start[axis]!))].sort((a, b) => a - b),
    );
    this.options = options;
    this.scope = gpu.scope();
    this.window = this.scope.upload(windowOf(mode, size), [size[0] + size[1] + size[2]], 'window');
    this.slabs = slabRows(starts[0]!, shape[0], most).filter(({ first }) => first >= row);
    this.ranges =
      mode === 'crop'
        ? starts.map((each, axis) =>
            rangesAlong(each, size[axis]!, Math.floor(patchOverlap[axis]! / 2)),
          )
        : undefined;
    this.least = mode === 'gaussian' ? LEAST_IMPORTANCE : 0;
  }

  /**
   * Adds a batch of patches, in order.
   *
   * @param probabilities [N, C, pi, pj, pk], or one of them; may be released afterwards
   */
  add(probabilities: Tensor, locations: readonly PatchLocation[]): void {
    for (const [sample, { start, size }] of locations.entries()) {
      const range = (axis: number): Range =>
        this.ranges?.[axis]?.get(start[axis]!) ?? [0, size[axis]!];
      const [i, j, k] = [range(0), range(1), range(2)];
      for (const slab of this.slabs) {
        const low = Math.max(start[0] + i[0], slab.first);
        const high = Math.min(start[0] + i[1], slab.first + slab.rows);
        if (low >= high) continue;
        aggregateAdd(this.scope, this.sumsOf(slab), probabilities, this.window, {
          sample,
          box: [high - low, j[1] - j[0], k[1] - k[0]],
          from: [low - start[0], j[0], k[0]],
          to: [low - slab.first, start[1] + j[0], start[2] + k[0]],
          least: this.least,
        });
      }
    }
  }

  /**
   * Slabs that no patch will reach that begins at `row` or behind it, in order, each once. The caller
   * releases them.
   */
  take(row: number): Slab[] {
    const taken: Slab[] = [];
    while (this.slabs[0] && this.slabs[0].first + this.slabs[0].rows <= row) {
      const { first, rows, sums } = this.slabs.shift()!;
      taken.push({ first, rows, sums: sums! });
    }
    return taken;
  }

  release(slab: Slab): void {
    this.scope.release(slab.sums);
  }

  /** Slabs to which patches were added and that are not finished. They stay the aggregator's. */
  get open(): Slab[] {
    return this.slabs.flatMap(({ first, rows, sums }) => (sums ? [{ first, rows, sums }] : []));
  }

  /** The first row that was not taken. */
  get row(): number {
    return this.slabs[0]?.first ?? this.options.shape[0];
  }

  /** Begins a slab with sums that were read back from another aggregator of the same volume. */
  restore(first: number, sums: Float32Array): void {
    const slab = this.slabs.find((each) => each.first === first);
    if (slab) this.scope.gpu.write(this.sumsOf(slab), sums);
  }

  /** Of the sums that exist now. */
  get bytes(): number {
    return this.slabs.reduce((total, { sums }) => total + (sums?.bytes ?? 0), 0);
  }

  /** Releases what is left. */
  dispose(): void {
    this.scope[Symbol.dispose]();
  }

  private sumsOf(slab: Rows): Tensor {
    if (!slab.sums) {
      const [, J, K] = this.options.shape;
      slab.sums = this.scope.tensor([this.options.channels + 1, slab.rows, J, K], 'slab');
      fill(this.scope, slab.sums, 0);
    }
    return slab.sums;
  }
}
