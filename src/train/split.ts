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

/**
 * Random train and test indices.
 *
 * @param testSize fraction below 1, rounded up to whole items, or a number of items
 * @throws ConfigError if either part would be empty
 * @see sklearn.model_selection.train_test_split(shuffle=True)
 */
export function trainTestSplit(
  count: number,
  { testSize = 0.25, randomState }: { testSize?: number; randomState: number },
): { train: number[]; test: number[] } {
  const tests = testSize < 1 ? Math.ceil(count * testSize) : testSize;
  if (!Number.isInteger(tests) || tests < 1 || tests >= count) {
    throw new ConfigError(
      `trainTestSplit: one part would be empty. Got testSize ${testSize} of ${count} items. Pass a fraction between 0 and 1, or 1 to ${count - 1} items.`,
    );
  }
  const order = new NumpyRandom(randomState).permutation(count);
  return { test: order.slice(0, tests), train: order.slice(tests) };
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
