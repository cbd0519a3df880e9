/** The slow brightening and darkening of MRI. Van Leemput et al. 1999. */

/**
 * y = x exp(sum of coefficients[n,m] X^a Y^b Z^c), the m-th of the loops over a, b, c with
 * a + b + c <= order; X, Y, Z run from -1 to 1 along the axes, one voxel alone is at 0.
 *
 * @param x [N, C, D, H, W]
 * @param coefficients [N, (order + 1)(order + 2)(order + 3) / 6]
 */
export function biasFieldInPlace(
  x: Float32Array,
  [, C, D, H, W]: readonly number[],
  coefficients: ArrayLike<number>,
  order: number,
): Float32Array {
  const terms = ((order + 1) * (order + 2) * (order + 3)) / 6;
  const place = (index: number, size: number): number =>
    size === 1 ? 0 : (2 * index) / (size - 1) - 1;
  return x.map((value, n) => {
    const X = place(Math.floor(n / (H! * W!)) % D!, D!);
    const Y = place(Math.floor(n / W!) % H!, H!);
    const Z = place(n % W!, W!);
    let next = terms * Math.floor(n / (C! * D! * H! * W!));
    let sum = 0;
    for (let a = 0; a <= order; a++) {
      for (let b = 0; b <= order - a; b++) {
        for (let c = 0; c <= order - a - b; c++) {
          sum += coefficients[next++]! * X ** a * Y ** b * Z ** c;
        }
      }
    }
    return value * Math.exp(sum);
  });
}
