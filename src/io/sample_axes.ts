/** Interpolation where the two grids share their axes: neighbours and weights once per axis. */
import { type Volume, type VoxelArray, voxelsLike } from './volume.ts';

export type Interpolation = 'linear' | 'nearest';

/** For each output index of one axis: the two neighbours, and the weight of the upper one. */
export interface AxisSamples {
  readonly lower: Int32Array;
  readonly upper: Int32Array;
  readonly weight: Float64Array;
  /** 0 where the position lies outside the volume. */
  readonly inside: Uint8Array;
}

/**
 * Tables for one axis of `size` voxels, of which `count` positions are read.
 * ITK's rules: inside is -0.5 <= position < size - 0.5; neighbours are clamped to the border;
 * nearest is floor(position + 0.5).
 */
export function axisSamples(
  size: number,
  count: number,
  positionOf: (index: number) => number,
  interpolation: Interpolation,
): AxisSamples {
  const samples = {
    lower: new Int32Array(count),
    upper: new Int32Array(count),
    weight: new Float64Array(count),
    inside: new Uint8Array(count),
  };
  const clamp = (index: number) => Math.min(Math.max(index, 0), size - 1);
  for (let n = 0; n < count; n++) {
    const position = positionOf(n);
    const base = Math.floor(interpolation === 'nearest' ? position + 0.5 : position);
    samples.lower[n] = clamp(base);
    samples.upper[n] = clamp(base + 1);
    samples.weight[n] = interpolation === 'nearest' ? 0 : position - base;
    samples.inside[n] = position >= -0.5 && position < size - 0.5 ? 1 : 0;
  }
  return samples;
}

/** Every combination of the three tables' positions, 0 outside. `[C,I,J,K]` of the tables' counts. */
export function sampleAlongAxes(
  v: Volume,
  axes: readonly [AxisSamples, AxisSamples, AxisSamples],
  interpolation: Interpolation,
): VoxelArray {
  const [axisI, axisJ, axisK] = axes;
  const [channels, sizeI, sizeJ, sizeK] = v.shape;
  const [countI, countJ, countK] = axes.map((axis) => axis.lower.length) as [
    number,
    number,
    number,
  ];
  const { data: x } = v;
  const out = voxelsLike(x, channels * countI * countJ * countK);
  const { lower: k0, upper: k1, weight: wk, inside: insideK } = axisK;
  for (let c = 0; c < channels; c++) {
    const base = c * sizeI * sizeJ * sizeK;
    for (let i = 0; i < countI; i++) {
      for (let j = 0; j < countJ; j++) {
        if (!axisI.inside[i] || !axisJ.inside[j]) continue;
        const at = ((c * countI + i) * countJ + j) * countK;
        const row = (indexI: number, indexJ: number) => base + (indexI * sizeJ + indexJ) * sizeK;
        const r00 = row(axisI.lower[i]!, axisJ.lower[j]!);
        if (interpolation === 'nearest') {
          for (let k = 0; k < countK; k++) if (insideK[k]) out[at + k] = x[r00 + k0[k]!]!;
          continue;
        }
        const r01 = row(axisI.lower[i]!, axisJ.upper[j]!);
        const r10 = row(axisI.upper[i]!, axisJ.lower[j]!);
        const r11 = row(axisI.upper[i]!, axisJ.upper[j]!);
        const wi = axisI.weight[i]!;
        const wj = axisJ.weight[j]!;
        for (let k = 0; k < countK; k++) {
          if (!insideK[k]) continue;
          const a = k0[k]!;
          const b = k1[k]!;
          const w = wk[k]!;
          const v00 = x[r00 + a]! + w * (x[r00 + b]! - x[r00 + a]!);
          const v01 = x[r01 + a]! + w * (x[r01 + b]! - x[r01 + a]!);
          const v10 = x[r10 + a]! + w * (x[r10 + b]! - x[r10 + a]!);
          const v11 = x[r11 + a]! + w * (x[r11 + b]! - x[r11 + a]!);
          const v0 = v00 + wj * (v01 - v00);
          const v1 = v10 + wj * (v11 - v10);
          out[at + k] = v0 + wi * (v1 - v0);
        }
      }
    }
  }
  return out;
}
