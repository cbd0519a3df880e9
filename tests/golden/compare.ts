/**
 * The manifest's own tolerances, applied to one output. The rule of `tolerance_meaning`:
 * max|got - ref| <= rel_max * max|ref| + abs, with exceptions that are named below.
 */
import type { GoldenArray, GoldenResult } from './case.ts';

/** All keys that a manifest may use. `f32_observed` is for calibration and bounds nothing. */
export interface Tolerance {
  readonly rel_max?: number;
  readonly abs?: number;
  readonly exact?: boolean;
  readonly exact_fields?: readonly string[];
  readonly mismatch_frac?: number;
  readonly grad_rel_to_global_max?: number;
  readonly loss_abs?: number;
  readonly losses_abs?: number;
  readonly final_abs?: number;
  readonly f32_observed?: unknown;
}

const KNOWN_KEYS: ReadonlySet<string> = new Set([
  'rel_max',
  'abs',
  'exact',
  'exact_fields',
  'mismatch_frac',
  'grad_rel_to_global_max',
  'loss_abs',
  'losses_abs',
  'final_abs',
  'f32_observed',
]);

/** Outputs that a case leaves without any bound are float32 copies of known numbers. */
const UNNAMED_REL_MAX = 1e-6;

export interface Comparison {
  readonly output: string;
  readonly passed: boolean;
  /** Largest absolute difference; for exact and label outputs the fraction that differs. */
  readonly error: number;
  readonly bound: number;
  /** Of the first element that is out of bounds. */
  readonly detail?: string;
}

/** How one output is judged. */
export type Rule =
  | { readonly kind: 'close'; readonly bound: number }
  | { readonly kind: 'mismatches'; readonly fraction: number };

function largestMagnitude(values: ArrayLike<number>): number {
  let largest = 0;
  for (let n = 0; n < values.length; n++) {
    const magnitude = Math.abs(values[n]!);
    if (Number.isFinite(magnitude)) largest = Math.max(largest, magnitude);
  }
  return largest;
}

const isInteger = (array: GoldenArray): boolean =>
  array.data instanceof Int32Array || array.data instanceof Uint8Array;

/**
 * The rule for output `name` of a case with this tolerance.
 *
 * @param globalGradientMax largest reference gradient over all parameters of the case: a bias that
 *   feeds a norm has a gradient of pure rounding noise, so gradients share one bound
 * @throws Error for a tolerance key that this runner does not know: guessing would pass anything
 */
export function ruleFor(
  name: string,
  expected: GoldenArray,
  tolerance: Tolerance,
  globalGradientMax: number,
): Rule {
  for (const key of Object.keys(tolerance)) {
    if (!KNOWN_KEYS.has(key)) throw new Error(`unknown tolerance key '${key}'`);
  }
  const absolute = tolerance.abs ?? 0;
  if (tolerance.exact === true || tolerance.exact_fields?.includes(name)) {
    return { kind: 'mismatches', fraction: 0 };
  }
  if (isInteger(expected)) return { kind: 'mismatches', fraction: tolerance.mismatch_frac ?? 0 };
  if (name === 'loss' && tolerance.loss_abs !== undefined) {
    return { kind: 'close', bound: tolerance.loss_abs };
  }
  if (name === 'losses' && tolerance.losses_abs !== undefined) {
    return { kind: 'close', bound: tolerance.losses_abs };
  }
  if (name.startsWith('final:') && tolerance.final_abs !== undefined) {
    return { kind: 'close', bound: tolerance.final_abs };
  }
  if (tolerance.grad_rel_to_global_max !== undefined && /^grad[:_]/.test(name)) {
    const scale = name.startsWith('grad:') ? globalGradientMax : largestMagnitude(expected.data);
    return { kind: 'close', bound: tolerance.grad_rel_to_global_max * scale + absolute };
  }
  const relative = tolerance.rel_max ?? UNNAMED_REL_MAX;
  return { kind: 'close', bound: relative * largestMagnitude(expected.data) + absolute };
}

/** Largest |reference| over all `grad:<parameter>` outputs of a case. */
export function globalGradientMaximum(
  outputs: Iterable<readonly [name: string, expected: GoldenArray]>,
): number {
  let largest = 0;
  for (const [name, expected] of outputs) {
    if (name.startsWith('grad:')) largest = Math.max(largest, largestMagnitude(expected.data));
  }
  return largest;
}

/** NaN matches NaN, and an infinity itself. Reference values were stored as float32. */
function difference(got: number, expected: number): number {
  if (Object.is(got, expected) || got === expected) return 0;
  if (Number.isNaN(got) || Number.isNaN(expected)) return Number.POSITIVE_INFINITY;
  return Math.abs(got - expected);
}

/** Judge one output. A wrong number of values is a failure. */
export function compareOutput(
  output: string,
  result: GoldenResult,
  expected: GoldenArray,
  rule: Rule,
): Comparison {
  const bound = rule.kind === 'close' ? rule.bound : rule.fraction;
  if (result.data.length !== expected.data.length) {
    const detail = `${output}: ${result.data.length} values for [${expected.shape}]`;
    return { output, passed: false, error: Number.POSITIVE_INFINITY, bound, detail };
  }
  const single = expected.data instanceof Float32Array;
  let worst = 0;
  let mismatches = 0;
  let compared = 0;
  let detail: string | undefined;
  for (let n = 0; n < expected.data.length; n++) {
    if (result.where && !result.where(n)) continue;
    compared++;
    const got = result.data[n]!;
    const reference = expected.data[n]!;
    const exactly = rule.kind === 'mismatches';
    const off = difference(exactly && single ? Math.fround(got) : got, reference);
    if (off > 0) mismatches++;
    worst = Math.max(worst, off);
    if (off > (exactly ? 0 : bound)) {
      detail ??= `${output}: first at ${n}: got ${got}, expected ${reference}`;
    }
  }
  const error = rule.kind === 'close' ? worst : mismatches / Math.max(compared, 1);
  const passed = error <= bound;
  return { output, passed, error, bound, ...(passed || !detail ? {} : { detail }) };
}
