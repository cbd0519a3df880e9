/** Overlapping patches blended into a volume: weighted sums, then probabilities or classes. */
import type { Triple } from '../shape.ts';

export interface AggregateAdd {
  readonly channels: number;
  /** Which of the patches. */
  readonly sample: number;
  readonly patchSize: Triple;
  /** [rows, J, K] of the sums. */
  readonly slab: Triple;
  /** Voxels to add along each axis, the first in the patch, and where it goes in the slab. */
  readonly box: Triple;
  readonly from: Triple;
  readonly to: Triple;
  /** Axes along which the patch is mirrored; the weight is not. */
  readonly mirror: readonly number[];
  /** No weight is smaller. */
  readonly least: number;
}

/**
 * sums[c, x] += w(x) patch[c, x] and sums[C, x] += w(x), in place.
 *
 * patches: [N, C, pi, pj, pk], window: pi + pj + pk factors of the weight, sums: [C + 1, slab]
 */
export function aggregateAdd(
  sums: Float32Array,
  patches: Float32Array,
  window: Float32Array,
  options: AggregateAdd,
): void {
  const { channels, sample, patchSize, slab, box, from, to, mirror, least } = options;
  const [pi, pj, pk] = patchSize;
  const slabVoxels = slab[0] * slab[1] * slab[2];
  const seen = (index: number, axis: number): number =>
    mirror.includes(axis) ? patchSize[axis]! - 1 - index : index;
  for (let i = 0; i < box[0]; i++) {
    for (let j = 0; j < box[1]; j++) {
      for (let k = 0; k < box[2]; k++) {
        const at = [from[0] + i, from[1] + j, from[2] + k] as const;
        const line = window[at[0]]! * window[pi + at[1]]!;
        const weight = Math.max(line * window[pi + pj + at[2]]!, least);
        const voxel = ((to[0] + i) * slab[1] + to[1] + j) * slab[2] + to[2] + k;
        const inPatch = (seen(at[0], 0) * pj + seen(at[1], 1)) * pk + seen(at[2], 2);
        for (let c = 0; c < channels; c++) {
          const value = patches[(sample * channels + c) * pi * pj * pk + inPatch]!;
          sums[c * slabVoxels + voxel]! += weight * value;
        }
        sums[channels * slabVoxels + voxel]! += weight;
      }
    }
  }
}

/** sums: [C + 1, voxels] -> [C, voxels] divided by the last channel. */
export function aggregateProbabilities(sums: Float32Array, channels: number): Float32Array {
  const voxels = sums.length / (channels + 1);
  return sums
    .slice(0, channels * voxels)
    .map((sum, n) => sum / sums[channels * voxels + (n % voxels)]!);
}

/** Class of each voxel: the most probable, the lowest of equals; of one channel 1 from the threshold on. */
export function aggregateLabels(
  sums: Float32Array,
  channels: number,
  threshold: number,
): Uint32Array {
  const probabilities = aggregateProbabilities(sums, channels);
  const voxels = probabilities.length / channels;
  return Uint32Array.from({ length: voxels }, (_, voxel) => {
    if (channels === 1) return probabilities[voxel]! >= threshold ? 1 : 0;
    let best = 0;
    for (let c = 1; c < channels; c++) {
      if (probabilities[c * voxels + voxel]! > probabilities[best * voxels + voxel]!) best = c;
    }
    return best;
  });
}
