/** Softmax over channels: y[c] = exp(x[c]) / sum over k of exp(x[k]). */

interface Layout {
  readonly channels: number;
  readonly voxels: number;
}

/** x: [N, C, voxels] -> y like x. */
export function softmaxForward(x: Float32Array, { channels, voxels }: Layout): Float32Array {
  const y = new Float32Array(x.length);
  for (let sample = 0; sample < x.length; sample += channels * voxels) {
    for (let start = sample; start < sample + voxels; start++) {
      let largest = Number.NEGATIVE_INFINITY;
      for (let c = 0; c < channels; c++) largest = Math.max(largest, x[start + c * voxels]!);
      let total = 0;
      for (let c = 0; c < channels; c++) total += Math.exp(x[start + c * voxels]! - largest);
      for (let c = 0; c < channels; c++) {
        y[start + c * voxels] = Math.exp(x[start + c * voxels]! - largest) / total;
      }
    }
  }
  return y;
}

/** dx[c] = y[c] * (dy[c] - sum over k of y[k] dy[k]), with y of the forward pass. */
export function softmaxBackward(
  y: Float32Array,
  dy: Float32Array,
  { channels, voxels }: Layout,
): Float32Array {
  const dx = new Float32Array(y.length);
  for (let sample = 0; sample < y.length; sample += channels * voxels) {
    for (let start = sample; start < sample + voxels; start++) {
      let mean = 0;
      for (let c = 0; c < channels; c++) mean += y[start + c * voxels]! * dy[start + c * voxels]!;
      for (let c = 0; c < channels; c++) {
        const at = start + c * voxels;
        dx[at] = y[at]! * (dy[at]! - mean);
      }
    }
  }
  return dx;
}
