/** y = value, in place. */
export function fill(y: Float32Array, value: number): void {
  for (let n = 0; n < y.length; n++) y[n] = value;
}
