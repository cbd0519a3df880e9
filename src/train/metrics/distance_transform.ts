/**
 * Exact squared Euclidean distance to the nearest marked voxel, axis after axis: along each line the
 * distance is the lower envelope of parabolas, one per voxel (Felzenszwalb & Huttenlocher 2012).
 */
import type { Triple } from '../../shape.ts';

/** Buffers for one line, reused for all. */
interface Line {
  readonly value: Float64Array;
  readonly vertex: Int32Array;
  readonly from: Float64Array;
}

/** In place: f(q) becomes min over p of weight * (q - p)^2 + f(p), for the line at `base`. */
function envelope(
  f: Float64Array,
  base: number,
  step: number,
  size: number,
  w: number,
  line: Line,
) {
  const { value, vertex, from } = line;
  let top = -1;
  for (let q = 0; q < size; q++) {
    const height = f[base + q * step]!;
    value[q] = height;
    if (height === Number.POSITIVE_INFINITY) continue;
    let crossing = Number.NEGATIVE_INFINITY;
    while (top >= 0) {
      const p = vertex[top]!;
      crossing = (height - value[p]! + w * (q * q - p * p)) / (2 * w * (q - p));
      if (crossing > from[top]!) break;
      top--;
    }
    top++;
    vertex[top] = q;
    from[top] = top === 0 ? Number.NEGATIVE_INFINITY : crossing;
  }
  if (top < 0) return;
  let piece = 0;
  for (let q = 0; q < size; q++) {
    while (piece < top && from[piece + 1]! < q) piece++;
    const p = vertex[piece]!;
    f[base + q * step] = w * (q - p) * (q - p) + value[p]!;
  }
}

/** First pass, along the contiguous axis: plain distances to the nearest mark on the line, squared. */
function nearestOnLines(marks: Uint8Array, f: Float64Array, K: number, w: number) {
  for (let base = 0; base < f.length; base += K) {
    let distance = Number.POSITIVE_INFINITY;
    for (let k = 0; k < K; k++) {
      distance = marks[base + k] ? 0 : distance + 1;
      f[base + k] = distance;
    }
    distance = Number.POSITIVE_INFINITY;
    for (let k = K - 1; k >= 0; k--) {
      distance = marks[base + k] ? 0 : distance + 1;
      const nearest = Math.min(distance, f[base + k]!);
      f[base + k] = w * nearest * nearest;
    }
  }
}

/**
 * Squared distance of every voxel to the nearest non-zero mark; Infinity where there is none.
 *
 * @param marks   `[I,J,K]`
 * @param spacing length of a voxel along each axis; distances come in its unit
 * @param needed  if given, only voxels marked in it are computed (the rest is meaningless)
 */
export function squaredDistances(
  marks: Uint8Array,
  [I, J, K]: Triple,
  spacing: Triple,
  needed?: Uint8Array,
): Float64Array {
  const [wi, wj, wk] = spacing.map((s) => s * s) as [number, number, number];
  const f = new Float64Array(marks.length);
  nearestOnLines(marks, f, K, wk);
  const longest = Math.max(I, J);
  const line: Line = {
    value: new Float64Array(longest),
    vertex: new Int32Array(longest),
    from: new Float64Array(longest),
  };
  for (let i = 0; i < I; i++) {
    for (let k = 0; k < K; k++) envelope(f, i * J * K + k, K, J, wj, line);
  }
  const wanted = new Uint8Array(J * K).fill(needed ? 0 : 1);
  if (needed) for (let n = 0; n < needed.length; n++) if (needed[n]) wanted[n % (J * K)] = 1;
  for (let column = 0; column < J * K; column++) {
    if (wanted[column]) envelope(f, column, J * K, I, wi, line);
  }
  return f;
}
