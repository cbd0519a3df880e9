/** Interpolation where the two grids are turned against each other: neighbours for every voxel. */
import type { Triple } from '../shape.ts';
import type { Interpolation } from './sample_axes.ts';
import { type Affine, type Volume, type VoxelArray, voxelsLike } from './volume.ts';

/**
 * Values of `v` at the positions toIndex·(i,j,k) of an output grid `[I,J,K]`; ITK's rules as in
 * `axisSamples`. Plain and slow: one volume per call is its use.
 *
 * @param outside per channel, the value of positions beyond the volume; 0 where not given
 */
export function sampleAnywhere(
  v: Volume,
  toIndex: Affine,
  [countI, countJ, countK]: Triple,
  interpolation: Interpolation,
  outside: readonly number[] = [],
): VoxelArray {
  const [channels, sizeI, sizeJ, sizeK] = v.shape;
  const { data: x } = v;
  const channelSize = sizeI * sizeJ * sizeK;
  const outSize = countI * countJ * countK;
  const out = voxelsLike(x, channels * outSize);
  outside.forEach((value, channel) => {
    out.fill(value, channel * outSize, (channel + 1) * outSize);
  });
  const [a, b, c, d, e, f, g, h, l, m, n, o] = toIndex as unknown as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const shift = interpolation === 'nearest' ? 0.5 : 0;
  const inside = (position: number, size: number) => position >= -0.5 && position < size - 0.5;
  const clamp = (index: number, size: number) => Math.min(Math.max(index, 0), size - 1);
  let at = -1;
  for (let i = 0; i < countI; i++) {
    for (let j = 0; j < countJ; j++) {
      for (let k = 0; k < countK; k++) {
        at++;
        const pi = a * i + b * j + c * k + d;
        const pj = e * i + f * j + g * k + h;
        const pk = l * i + m * j + n * k + o;
        if (!inside(pi, sizeI) || !inside(pj, sizeJ) || !inside(pk, sizeK)) continue;
        const [bi, bj, bk] = [
          Math.floor(pi + shift),
          Math.floor(pj + shift),
          Math.floor(pk + shift),
        ];
        const i0 = clamp(bi, sizeI) * sizeJ * sizeK;
        const j0 = clamp(bj, sizeJ) * sizeK;
        const k0 = clamp(bk, sizeK);
        if (interpolation === 'nearest') {
          for (let channel = 0; channel < channels; channel++) {
            out[channel * outSize + at] = x[channel * channelSize + i0 + j0 + k0]!;
          }
          continue;
        }
        const i1 = clamp(bi + 1, sizeI) * sizeJ * sizeK;
        const j1 = clamp(bj + 1, sizeJ) * sizeK;
        const k1 = clamp(bk + 1, sizeK);
        const [wi, wj, wk] = [pi - bi, pj - bj, pk - bk];
        for (let channel = 0; channel < channels; channel++) {
          const base = channel * channelSize;
          const line = (start: number) => x[start + k0]! + wk * (x[start + k1]! - x[start + k0]!);
          const v00 = line(base + i0 + j0);
          const v01 = line(base + i0 + j1);
          const v10 = line(base + i1 + j0);
          const v11 = line(base + i1 + j1);
          const v0 = v00 + wj * (v01 - v00);
          const v1 = v10 + wj * (v11 - v10);
          out[channel * outSize + at] = v0 + wi * (v1 - v0);
        }
      }
    }
  }
  return out;
}
