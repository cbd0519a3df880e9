import { decathlonSplit } from '../../../src/train/split.ts';
import type { GoldenHandler } from '../case.ts';

export const handler: GoldenHandler = (c) => {
  const { n, seed, val_frac } = c.params;
  const { training, validation } = decathlonSplit(n, { seed, valFrac: val_frac });
  return { training: { data: training }, validation: { data: validation } };
};
