/** Sigmoid: y = 1 / (1 + exp(-x)). */
export function sigmoidForward(x: Float32Array): Float32Array {
  return x.map((value) => 1 / (1 + Math.exp(-value)));
}
