/** From patches back to a volume: overlapping predictions are blended by weight. */
import { ShapeError } from '../errors.ts';
import type { VolumeShape } from '../io/volume.ts';
import { product, showShape, type Triple } from '../shape.ts';
import { hannAxis } from './hann_window.ts';
import { gaussianAxis, LEAST_IMPORTANCE } from './importance_map.ts';
import { checkInside, type PatchLocation } from './location.ts';

/**
 * `hann`, `gaussian`: weighted mean, centre counts most. `average`: plain mean. `crop`: later patches
 * overwrite, borders are cut.
 */
export type AggregationMode = 'hann' | 'gaussian' | 'average' | 'crop';

/** Weights of a patch's voxels, as users name them: TorchIO's Hann window, MONAI's Gaussian, or all the same. */
export const PATCH_WEIGHTS = ['hann', 'gaussian', 'constant'] as const;
export type PatchWeights = (typeof PATCH_WEIGHTS)[number];

/** MONAI's `constant` is TorchIO's `average`. */
export function aggregationModeOf(weights: PatchWeights): AggregationMode {
  return weights === 'constant' ? 'average' : weights;
}

export interface AggregatorOptions {
  /** Result, `[C,I,J,K]`. */
  readonly shape: VolumeShape;
  readonly mode?: AggregationMode;
  /** Voxels shared by neighbours; `crop` cuts half of it from every border inside the volume. */
  readonly patchOverlap?: Triple;
}

/** Weights along the three axes of a patch. */
type Window = readonly [Float64Array, Float64Array, Float64Array];

/**
 * Puts patches together into one volume. Holds `C + 1` values per voxel until it is dropped.
 *
 * @see TorchIO GridAggregator(overlap_mode), MONAI sliding_window_inference(mode)
 */
export class GridAggregator {
  private readonly shape: VolumeShape;
  private readonly mode: AggregationMode;
  private readonly overlap: Triple;
  private readonly sum: Float32Array;
  /** Weight received per voxel; in crop mode 1 where a patch was written. */
  private readonly weight: Float32Array;
  private window: Window = [new Float64Array(), new Float64Array(), new Float64Array()];

  constructor({ shape, mode = 'hann', patchOverlap = [0, 0, 0] }: AggregatorOptions) {
    this.shape = shape;
    this.mode = mode;
    this.overlap = patchOverlap;
    this.sum = new Float32Array(product(shape));
    this.weight = new Float32Array(product(shape.slice(1)));
  }

  /**
   * Blend one patch in.
   *
   * @param patch    `[C, pi, pj, pk]`; not retained
   * @param location where the patch was cut
   * @param offset   first element of the patch in the array, e.g. of one sample in a batch
   * @throws ShapeError if the patch reaches outside the volume or the array is too short
   */
  add(patch: ArrayLike<number>, location: PatchLocation, offset = 0): void {
    const [channels, I, J, K] = this.shape;
    checkInside('GridAggregator.add', location, [I, J, K]);
    const voxels = product(location.size);
    if (patch.length < offset + channels * voxels) {
      throw new ShapeError(
        `GridAggregator.add: the patch is too short. Got ${patch.length - offset} values for [${channels},${location.size}] [C,pi,pj,pk]. Pass every channel of the patch.`,
      );
    }
    if (this.mode === 'crop') this.overwrite(patch, location, offset);
    else this.blend(patch, location, offset);
  }

  /**
   * The blended volume, `[C,I,J,K]`. Ends the aggregation: the sums become the result in place.
   *
   * @throws ShapeError if some voxels never received a patch
   */
  result(): Float32Array {
    const { sum, weight } = this;
    let missing = 0;
    for (let voxel = 0; voxel < weight.length; voxel++) if (weight[voxel] === 0) missing++;
    if (missing > 0) {
      throw new ShapeError(
        `GridAggregator.result: patches do not cover the volume. ${missing} of ${weight.length} voxels of ${showShape(this.shape)} [C,I,J,K] received none. Add a patch for every location of gridLocations.`,
      );
    }
    for (let n = 0, voxel = 0; n < sum.length; n++, voxel++) {
      if (voxel === weight.length) voxel = 0;
      sum[n]! /= weight[voxel]!;
    }
    weight.fill(1);
    return sum;
  }

  private blend(patch: ArrayLike<number>, { start, size }: PatchLocation, offset: number): void {
    const [channels, I, J, K] = this.shape;
    const [wi, wj, wk] = this.windowOf(size);
    const { sum, weight } = this;
    const least = this.mode === 'gaussian' ? LEAST_IMPORTANCE : 0;
    const [i0, j0, k0] = start;
    const [pi, pj, pk] = size;
    for (let channel = 0, from = offset; channel < channels; channel++) {
      for (let i = 0; i < pi; i++) {
        for (let j = 0; j < pj; j++, from += pk) {
          const line = wi[i]! * wj[j]!;
          const voxel = ((i0 + i) * J + j0 + j) * K + k0;
          const to = channel * I * J * K + voxel;
          for (let k = 0; k < pk; k++) {
            sum[to + k]! += Math.max(line * wk[k]!, least) * patch[from + k]!;
          }
          if (channel > 0) continue;
          for (let k = 0; k < pk; k++) weight[voxel + k]! += Math.max(line * wk[k]!, least);
        }
      }
    }
  }

  /** Borders lose half the overlap, except where they are the volume's own. */
  private overwrite(
    patch: ArrayLike<number>,
    { start, size }: PatchLocation,
    offset: number,
  ): void {
    const [channels, I, J, K] = this.shape;
    const cut = this.overlap.map((voxels) => Math.floor(voxels / 2));
    const low = cut.map((c, axis) => (start[axis]! > 0 ? c : 0)) as [number, number, number];
    const high = cut.map((c, axis) => {
      const atEnd = start[axis]! + size[axis]! === this.shape[axis + 1]!;
      return size[axis]! - (atEnd ? 0 : c);
    }) as [number, number, number];
    const [pi, pj, pk] = size;
    for (let channel = 0; channel < channels; channel++) {
      for (let i = low[0]; i < high[0]; i++) {
        for (let j = low[1]; j < high[1]; j++) {
          const from = offset + ((channel * pi + i) * pj + j) * pk;
          const voxel = ((start[0] + i) * J + start[1] + j) * K + start[2];
          const to = channel * I * J * K + voxel;
          for (let k = low[2]; k < high[2]; k++) this.sum[to + k] = patch[from + k]!;
          if (channel === 0) this.weight.fill(1, voxel + low[2], voxel + high[2]);
        }
      }
    }
  }

  /** All patches of a grid have one size, so the window is computed once. */
  private windowOf(size: Triple): Window {
    if (size.some((length, axis) => length !== this.window[axis]!.length)) {
      const axis = (n: number): Float64Array => {
        if (this.mode === 'hann') return hannAxis(n);
        return this.mode === 'gaussian' ? gaussianAxis(n) : new Float64Array(n).fill(1);
      };
      this.window = [axis(size[0]), axis(size[1]), axis(size[2])];
    }
    return this.window;
  }
}
