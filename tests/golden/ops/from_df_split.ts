import { fromDfSplit } from '../../../src/train/split.ts';
import type { GoldenHandler } from '../case.ts';

export const handler: GoldenHandler = (c) => {
  const { n, valid_pct, seed } = c.params;
  const { train, valid } = fromDfSplit(n, { validPct: valid_pct, seed });
  return { train: { data: train }, valid: { data: valid } };
};
