/** y = a + b, element by element. */
export function addForward(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, n) => value + b[n]!);
}
