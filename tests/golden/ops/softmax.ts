import { softmax } from '../../../src/autograd/softmax.ts';
import type { GoldenHandler } from '../case.ts';
import { differentiate } from '../differentiate.ts';

export const handler: GoldenHandler = (c) => {
  if ((c.params.dim ?? 1) !== 1) throw new Error(`softmax is over axis 1, not ${c.params.dim}`);
  return differentiate(c, ['x'], (tape, [x]) => softmax(tape, x!));
};
