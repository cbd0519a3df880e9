/** PReLU: y = x where x > 0, weight * x elsewhere. He et al. 2015. Slope at 0 as PyTorch's: weight. */

/** x: [N, C, voxels], weight: [1] or [C] -> y like x. */
export function preluForward(
  x: Float32Array,
  weight: Float32Array,
  { channels, voxels }: { channels: number; voxels: number },
): Float32Array {
  return x.map((value, index) => {
    const slope = weight[(Math.floor(index / voxels) % channels) % weight.length]!;
    return value > 0 ? value : slope * value;
  });
}

/** Gradients of the same: dx like x, dweight like weight. */
export function preluBackward(
  x: Float32Array,
  weight: Float32Array,
  dy: Float32Array,
  { channels, voxels }: { channels: number; voxels: number },
): { dx: Float32Array; dweight: Float32Array } {
  const dx = new Float32Array(x.length);
  const dweight = new Float64Array(weight.length);
  for (let index = 0; index < x.length; index++) {
    const c = (Math.floor(index / voxels) % channels) % weight.length;
    const positive = x[index]! > 0;
    dx[index] = positive ? dy[index]! : weight[c]! * dy[index]!;
    if (!positive) dweight[c]! += x[index]! * dy[index]!;
  }
  return { dx, dweight: Float32Array.from(dweight) };
}
