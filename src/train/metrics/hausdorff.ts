import { ConfigError } from '../../errors.ts';
import type { Triple } from '../../shape.ts';
import { squaredDistances } from './distance_transform.ts';
import { checkMasks, type Mask } from './mask.ts';

export interface HausdorffOptions {
  /** 0 .. 100; `null` for the maximum (the classical Hausdorff distance). */
  readonly percentile?: number | null;
  /** Millimetres per voxel along each axis; without it distances are in voxels, as in fastMONAI. */
  readonly spacing?: Triple;
}

/** A box of voxels, `low` inclusive, `high` exclusive. */
interface Box {
  readonly low: number[];
  readonly high: number[];
}

/** Smallest box around the voxels of both masks; empty if there are none. */
function unionBox(a: Mask, b: Mask, [I, J, K]: Triple): Box {
  const low = [I, J, K];
  const high = [0, 0, 0];
  for (let i = 0, n = 0; i < I; i++) {
    for (let j = 0; j < J; j++) {
      for (let k = 0; k < K; k++, n++) {
        if (!(a[n]! | b[n]!)) continue;
        if (i < low[0]!) low[0] = i;
        high[0] = i + 1;
        if (j < low[1]!) low[1] = j;
        if (j >= high[1]!) high[1] = j + 1;
        if (k < low[2]!) low[2] = k;
        if (k >= high[2]!) high[2] = k + 1;
      }
    }
  }
  return { low, high };
}

/** Mask voxels inside the box with a face neighbour outside the mask; beyond the volume is outside. */
function edges(mask: Mask, [I, J, K]: Triple, { low, high }: Box): { marks: Mask; count: number } {
  const [si, sj, sk] = [0, 1, 2].map((axis) => high[axis]! - low[axis]!) as [
    number,
    number,
    number,
  ];
  const marks = new Uint8Array(si * sj * sk);
  let count = 0;
  for (let i = low[0]!, m = 0; i < high[0]!; i++) {
    for (let j = low[1]!; j < high[1]!; j++) {
      for (let k = low[2]!, n = (i * J + j) * K + k; k < high[2]!; k++, n++, m++) {
        if (!mask[n]) continue;
        const inner =
          k > 0 &&
          k < K - 1 &&
          j > 0 &&
          j < J - 1 &&
          i > 0 &&
          i < I - 1 &&
          mask[n - 1] &&
          mask[n + 1] &&
          mask[n - K] &&
          mask[n + K] &&
          mask[n - J * K] &&
          mask[n + J * K];
        if (inner) continue;
        marks[m] = 1;
        count++;
      }
    }
  }
  return { marks, count };
}

/** torch.quantile(values, percentile / 100) by linear interpolation; it too computes the rank in float32. */
function quantile(values: Float32Array, percentile: number): number {
  const sorted = values.sort();
  const rank = Math.fround(Math.fround(percentile / 100) * (sorted.length - 1));
  const below = sorted[Math.floor(rank)]!;
  const above = sorted[Math.ceil(rank)]!;
  return Math.fround(below + (above - below) * (rank - Math.floor(rank)));
}

/**
 * Hausdorff distance of two surfaces at a percentile: of the distances from each edge voxel of one
 * mask to the nearest of the other, the percentile; of both directions, the larger.
 *
 * @returns NaN if both masks are empty; if one is, NaN at a percentile and Infinity at the maximum
 * @throws ShapeError  if a mask does not fill the shape `[I,J,K]`
 * @throws ConfigError if the percentile is outside 0 .. 100
 * @see fastMONAI calculate_haus, MONAI compute_hausdorff_distance(percentile=95, directed=False)
 */
export function hausdorff(
  prediction: Mask,
  target: Mask,
  shape: Triple,
  { percentile = 95, spacing = [1, 1, 1] }: HausdorffOptions = {},
): number {
  checkMasks('hausdorff', prediction, target, shape);
  if (percentile !== null && !(percentile >= 0 && percentile <= 100)) {
    throw new ConfigError(
      `hausdorff: no such percentile. Got ${percentile}. Pass a number from 0 to 100, or null for the maximum.`,
    );
  }
  const box = unionBox(prediction, target, shape);
  if (box.high[0] === 0) return Number.NaN;
  const p = edges(prediction, shape, box);
  const t = edges(target, shape, box);
  if (p.count === 0 || t.count === 0) {
    return percentile === null ? Number.POSITIVE_INFINITY : Number.NaN;
  }
  const size = box.high.map((high, axis) => high - box.low[axis]!) as [number, number, number];
  const directed = (from: typeof p, to: typeof p): number => {
    const squared = squaredDistances(to.marks, size, spacing, from.marks);
    const distances = new Float32Array(from.count);
    for (let n = 0, m = 0; n < squared.length; n++) {
      if (from.marks[n]) distances[m++] = Math.sqrt(squared[n]!);
    }
    return percentile === null
      ? distances.reduce((a, b) => Math.max(a, b))
      : quantile(distances, percentile);
  };
  return Math.max(directed(p, t), directed(t, p));
}
