import { trainTestSplit } from '../../../src/train/split.ts';
import type { GoldenHandler } from '../case.ts';

export const handler: GoldenHandler = (c) => {
  const { n, test_size, random_state } = c.params;
  const { train, test } = trainTestSplit(n, { testSize: test_size, randomState: random_state });
  return { train: { data: train }, test: { data: test } };
};
