/** How far a result is from the reference, and where. */

export interface Difference {
  /** Largest difference over the largest expected value; null when there are NaNs or values missing. */
  readonly worst: number | null;
  /** Index of that difference, or of the first NaN; null for the wrong number of values. */
  readonly at: number | null;
  readonly got: number | null;
  readonly expected: number | null;
  /** Values that are not numbers where the reference has one. */
  readonly nans: number;
  readonly values: number;
}

export function differenceOf(actual: ArrayLike<number>, expected: ArrayLike<number>): Difference {
  const values = expected.length;
  const nothing = { worst: null, at: null, got: null, expected: null, nans: 0, values };
  if (actual.length !== values) return nothing;
  let [largest, worst, at, nans] = [0, 0, 0, 0];
  for (let n = 0; n < values; n++) {
    largest = Math.max(largest, Math.abs(expected[n]!));
    const difference = Math.abs(actual[n]! - expected[n]!);
    if (Number.isNaN(difference)) {
      if (nans++ === 0) at = n;
    } else if (nans === 0 && difference > worst) {
      worst = difference;
      at = n;
    }
  }
  const relative = largest > 0 ? worst / largest : worst;
  return {
    worst: nans > 0 ? null : relative,
    at,
    got: actual[at] ?? null,
    expected: expected[at] ?? null,
    nans,
    values,
  };
}

/** The one that is farther off; values missing are farthest, then NaNs. */
export function farther(a: Difference, b: Difference): Difference {
  const distance = ({ worst, at }: Difference): number =>
    at === null ? Number.POSITIVE_INFINITY : (worst ?? Number.MAX_VALUE);
  return distance(b) > distance(a) ? b : a;
}

/** The difference in words: `worst 3.1e-7 at 12`, or what is wrong with the values. */
export function differenceText({ worst, at, got, expected, nans, values }: Difference): string {
  if (at === null) return `another number of values than ${values}`;
  if (worst === null) return `${nans} of ${values} values are not numbers, the first at ${at}`;
  if (worst === 0) return 'no difference';
  return `worst difference ${worst.toExponential(1)} at ${at}: got ${got}, expected ${expected}`;
}
