/** How many infinities and NaNs the arrays hold, all together. */
export function nonFinite(arrays: readonly Float32Array[]): number {
  return arrays.reduce(
    (sum, array) => sum + array.filter((value) => !Number.isFinite(value)).length,
    0,
  );
}
