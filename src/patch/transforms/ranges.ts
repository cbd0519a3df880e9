/** Parameters of random transforms, as TorchIO's Transform.parse_params reads them. */
import { ConfigError } from '../../errors.ts';
import type { Rng } from '../../rng.ts';
import type { Triple } from '../../shape.ts';

/** Drawn from uniformly. */
export type Range = readonly [low: number, high: number];

/** One per axis. */
export type Ranges = readonly [Range, Range, Range];

const show = (value: unknown): string =>
  typeof value === 'number' ? `${value}` : (JSON.stringify(value) ?? `${value}`);

/**
 * The numbers of a parameter, which may come from a file; one alone is a list of one.
 *
 * @throws ConfigError unless they are finite and as many as one of `counts`
 */
export function numbersOf(value: unknown, name: string, counts: readonly number[]): number[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (counts.includes(values.length) && values.every(Number.isFinite)) return values as number[];
  throw new ConfigError(
    `${name}: not the numbers that it needs. Got ${show(value)}. Pass ${counts.join(' or ')} finite number${counts.at(-1) === 1 ? '' : 's'}.`,
  );
}

/**
 * One number n is the range -n to n, two are the range itself.
 *
 * @throws ConfigError where that is none
 */
export function rangeOf(value: number | readonly number[], name: string): Range {
  const [first, second] = numbersOf(value, name, [1, 2]) as [number, number | undefined];
  return checked(second === undefined ? [-first, first] : [first, second], name);
}

/**
 * One range per axis. One number n, or three, stand for `around` - n to `around` + n (0 to n where
 * `around` is null); two are the range of all axes; six are low and high of each.
 *
 * @throws ConfigError where that is none
 * @see TorchIO Transform.parse_params
 */
export function rangesOf(
  value: number | readonly number[],
  around: number | null,
  name: string,
): Ranges {
  const values = numbersOf(value, name, [1, 2, 3, 6]);
  const spread = (n: number): Range => (around === null ? [0, n] : [around - n, around + n]);
  const ofAxis = (axis: number): Range => {
    if (values.length === 1) return spread(values[0]!);
    if (values.length === 2) return [values[0]!, values[1]!];
    if (values.length === 3) return spread(values[axis]!);
    return [values[2 * axis]!, values[2 * axis + 1]!];
  };
  return [checked(ofAxis(0), name), checked(ofAxis(1), name), checked(ofAxis(2), name)];
}

function checked(range: Range, name: string): Range {
  if (range[0] <= range[1]) return range;
  throw new ConfigError(
    `${name}: not a range. Got ${range[0]} to ${range[1]}. Pass the lower bound first, and a width that is not negative.`,
  );
}

/** A number per axis. */
export function drawTriple(ranges: Ranges, rng: Rng): Triple {
  const [first, second, third] = ranges.map(([low, high]) => rng.range(low, high));
  return [first!, second!, third!];
}

/** @throws ConfigError for anything but a number from 0 to 1 */
export function checkProbability(value: unknown, caller: string, name: string): void {
  if (typeof value === 'number' && value >= 0 && value <= 1) return;
  throw new ConfigError(
    `${caller}: ${name} is not a probability. Got ${show(value)}. Pass a number from 0 to 1.`,
  );
}
