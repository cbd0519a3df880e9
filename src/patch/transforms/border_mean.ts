import type { VoxelArray } from '../../io/volume.ts';

/**
 * Mean of the six faces of one channel `[I,J,K]`, each face whole: edges count twice, corners three
 * times (TorchIO's get_borders_mean).
 */
export function borderMean(values: VoxelArray, size: readonly number[]): number {
  const [I, J, K] = size as [number, number, number];
  const faces = (n: number, count: number): number => Number(n === 0) + Number(n === count - 1);
  let sum = 0;
  let at = 0;
  for (let i = 0; i < I; i++) {
    for (let j = 0; j < J; j++) {
      const outer = faces(i, I) + faces(j, J);
      for (let k = 0; k < K; k++) {
        const times = outer + faces(k, K);
        if (times > 0) sum += times * values[at]!;
        at++;
      }
    }
  }
  return sum / (2 * (I * J + J * K + I * K));
}
