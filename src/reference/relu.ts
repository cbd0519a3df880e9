/** Rectified linear unit. Nair and Hinton 2010. Slope at 0 as PyTorch's: 0. */

/** y = x where x > 0, 0 elsewhere; NaN stays NaN. */
export function reluForward(x: Float32Array): Float32Array {
  return x.map((value) => Math.max(value, 0));
}

/** dx = dy where x > 0, 0 elsewhere. */
export function reluBackward(x: Float32Array, dy: Float32Array): Float32Array {
  return dy.map((value, n) => (x[n]! > 0 ? value : 0));
}
