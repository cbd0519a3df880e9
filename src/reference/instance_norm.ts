/**
 * Instance normalisation: every channel of every sample gets mean 0 and variance 1 over its voxels
 * (biased variance), then optionally a weight and a bias per channel. Ulyanov et al. 2016.
 */
export interface InstanceNormSizes {
  readonly batch: number;
  readonly channels: number;
  readonly voxels: number;
  readonly eps: number;
}

/** Mean and 1 / sqrt(variance + eps) of voxels `start .. start + voxels`, in double precision. */
function statistics(x: Float32Array, start: number, voxels: number, eps: number) {
  let sum = 0;
  for (let v = 0; v < voxels; v++) sum += x[start + v]!;
  const mean = sum / voxels;
  let squares = 0;
  for (let v = 0; v < voxels; v++) squares += (x[start + v]! - mean) ** 2;
  return { mean, rstd: 1 / Math.sqrt(squares / voxels + eps) };
}

/** x: [N, C, voxels], weight and bias: [C] or null -> y like x */
export function instanceNormForward(
  x: Float32Array,
  weight: Float32Array | null,
  bias: Float32Array | null,
  { batch, channels, voxels, eps }: InstanceNormSizes,
): Float32Array {
  const y = new Float32Array(x.length);
  for (let row = 0; row < batch * channels; row++) {
    const c = row % channels;
    const { mean, rstd } = statistics(x, row * voxels, voxels, eps);
    for (let at = row * voxels; at < (row + 1) * voxels; at++) {
      y[at] = (x[at]! - mean) * rstd * (weight?.[c] ?? 1) + (bias?.[c] ?? 0);
    }
  }
  return y;
}

/** dx: like x, dweight and dbias: [C], whether or not they were used */
export function instanceNormBackward(
  x: Float32Array,
  weight: Float32Array | null,
  dy: Float32Array,
  { batch, channels, voxels, eps }: InstanceNormSizes,
): { dx: Float32Array; dweight: Float32Array; dbias: Float32Array } {
  const dx = new Float32Array(x.length);
  const dweight = new Float64Array(channels);
  const dbias = new Float64Array(channels);
  for (let row = 0; row < batch * channels; row++) {
    const c = row % channels;
    const start = row * voxels;
    const { mean, rstd } = statistics(x, start, voxels, eps);
    const xhat = (at: number): number => (x[at]! - mean) * rstd;
    let sumDy = 0;
    let sumDyXhat = 0;
    for (let at = start; at < start + voxels; at++) {
      sumDy += dy[at]!;
      sumDyXhat += dy[at]! * xhat(at);
    }
    dbias[c]! += sumDy;
    dweight[c]! += sumDyXhat;
    for (let at = start; at < start + voxels; at++) {
      const centred = dy[at]! - sumDy / voxels - (xhat(at) * sumDyXhat) / voxels;
      dx[at] = (weight?.[c] ?? 1) * rstd * centred;
    }
  }
  return { dx, dweight: Float32Array.from(dweight), dbias: Float32Array.from(dbias) };
}
