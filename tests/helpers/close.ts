import { expect } from 'vitest';

/** Fail with the count of mismatches, the worst one and the first as an index. |a-e| <= atol + rtol*max|e|. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { rtol = 1e-5, atol = 1e-7, shape = [expected.length] as readonly number[] } = {},
): void {
  expect(actual.length, 'number of values').toBe(expected.length);
  let largest = 0;
  for (let n = 0; n < expected.length; n++) largest = Math.max(largest, Math.abs(expected[n]!));
  const bound = atol + rtol * largest;
  let mismatches = 0;
  let first = -1;
  let worst = 0;
  for (let n = 0; n < expected.length; n++) {
    const difference = Math.abs(actual[n]! - expected[n]!);
    if (difference <= bound || Object.is(actual[n], expected[n])) continue;
    mismatches++;
    if (first < 0) first = n;
    worst = Number.isNaN(difference) ? Number.NaN : Math.max(worst, difference);
  }
  if (mismatches === 0) return;
  const index: number[] = [];
  let rest = first;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index.unshift(rest % shape[axis]!);
    rest = Math.floor(rest / shape[axis]!);
  }
  expect.fail(
    `${mismatches} of ${expected.length} values differ by more than ${bound}; worst ${worst}; first at [${index}] of [${shape}]: got ${actual[first]}, expected ${expected[first]}`,
  );
}
