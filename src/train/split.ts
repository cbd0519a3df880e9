import { ConfigError } from '../errors.ts';
import { NumpyRandom } from './numpy_random.ts';

function checkFraction(caller: string, name: string, fraction: number): void {
  if (!(fraction >= 0 && fraction <= 1)) {
    throw new ConfigError(
      `${caller}: ${name} is not a fraction. Got ${fraction}. Pass a number from 0 to 1.`,
    );
  }
}

/**
 * The split of MONAI's DecathlonDataset: shuffled with a fixed seed, the first part validates.
 *
 * @param count   number of items in dataset.json's `training`
 * @param valFrac fraction held out, rounded down to whole items
 * @returns indices in shuffled order
 * @see MONAI DecathlonDataset(section='training' | 'validation', seed, val_frac)
 */
export function decathlonSplit(
  count: number,
  { seed = 0, valFrac = 0.2 } = {},
): { training: number[]; validation: number[] } {
  checkFraction('decathlonSplit', 'valFrac', valFrac);
  const order = new NumpyRandom(seed).permutation(count);
  const held = Math.trunc(count * valFrac);
  return { training: order.slice(held), validation: order.slice(0, held) };
}

export interface TrainTestSplitOptions {
  /** Fraction below 1, rounded up to whole items, or a number of items. Default: what train leaves, or 0.25. */
  readonly testSize?: number | undefined;
  /** Fraction below 1, rounded down, or a number of items. Default: what test leaves. */
  readonly trainSize?: number | undefined;
  /** Seed of the shuffle. */
  readonly randomState: number;
}

export interface TrainTestParts<T> {
  readonly train: T[];
  readonly test: T[];
}

/** Items of both parts. */
function partSizes(
  count: number,
  { testSize, trainSize }: TrainTestSplitOptions,
): { train: number; test: number } {
  const wholes = (size: number, round: (x: number) => number): number =>
    size < 1 ? round(count * size) : size;
  const test =
    testSize === undefined && trainSize !== undefined
      ? count - wholes(trainSize, Math.floor)
      : wholes(testSize ?? 0.25, Math.ceil);
  const train = trainSize === undefined ? count - test : wholes(trainSize, Math.floor);
  const isPart = (size: number): boolean => Number.isInteger(size) && size >= 1 && size < count;
  if (isPart(test) && isPart(train) && test + train <= count) return { train, test };
  const got = Object.entries({ testSize, trainSize })
    .filter(([, size]) => size !== undefined)
    .map(([name, size]) => `${name} ${size}`);
  throw new ConfigError(
    `trainTestSplit: one part would be empty, or the two are too large together. Got ${got.join(' and ') || 'testSize 0.25'} of ${count} items. Pass fractions between 0 and 1, or 1 to ${count - 1} items.`,
  );
}

/**
 * Random parts of a list, each in the order of the shuffle; of a number of items, their indices.
 *
 * @throws ConfigError if either part would be empty, or both together larger than the whole
 * @see sklearn.model_selection.train_test_split(shuffle=True)
 * Differs from scikit-learn: parts are named, not a tuple, and the seed must be given.
 */
export function trainTestSplit(
  count: number,
  options: TrainTestSplitOptions,
): TrainTestParts<number>;
export function trainTestSplit<T>(
  items: readonly T[],
  options: TrainTestSplitOptions,
): TrainTestParts<T>;
export function trainTestSplit<T>(
  items: number | readonly T[],
  options: TrainTestSplitOptions,
): TrainTestParts<T | number> {
  const count = typeof items === 'number' ? items : items.length;
  const sizes = partSizes(count, options);
  const order = new NumpyRandom(options.randomState).permutation(count);
  const pick = (from: number, size: number): (T | number)[] =>
    order
      .slice(from, from + size)
      .map((index) => (typeof items === 'number' ? index : items[index]!));
  return { test: pick(0, sizes.test), train: pick(sizes.test, sizes.train) };
}

/**
 * Training and validation rows of a table: validation rows in draw order, training rows ascending.
 *
 * @param validPct fraction held out, rounded down to whole rows
 * @see fastMONAI MedPatchDataLoaders.from_df
 */
export function fromDfSplit(
  count: number,
  { validPct = 0.2, seed }: { validPct?: number; seed: number },
): { train: number[]; valid: number[] } {
  checkFraction('fromDfSplit', 'validPct', validPct);
  const valid = new NumpyRandom(seed).choice(count, Math.trunc(count * validPct));
  const held = new Set(valid);
  const train = Array.from({ length: count }, (_, row) => row).filter((row) => !held.has(row));
  return { train, valid };
}
