import { oneCycle } from '../../../src/train/one_cycle.ts';
import type { GoldenHandler } from '../case.ts';

export const handler: GoldenHandler = (c) => {
  const { lr_max, iters, div, div_final, pct_start, moms } = c.params;
  const options = { lrMax: lr_max, div, divFinal: div_final, pctStart: pct_start, moms };
  const values = Array.from({ length: iters }, (_, batch) => oneCycle(batch / iters, options));
  return {
    lr: { data: values.map(({ lr }) => lr) },
    mom: { data: values.map(({ momentum }) => momentum) },
  };
};
