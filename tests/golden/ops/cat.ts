import { add } from '../../../src/autograd/add.ts';
import { concat } from '../../../src/autograd/concat.ts';
import type { GoldenHandler } from '../case.ts';
import { differentiate } from '../differentiate.ts';

/** cat([a, b, 2 * a]): 2 * a is a + a here, so that a gets three gradients. */
export const handler: GoldenHandler = (c) => {
  if (c.params.expr !== 'cat([a, b, 2*a], dim=1)') throw new Error(`unknown ${c.params.expr}`);
  return differentiate(c, ['a', 'b'], (tape, [a, b]) => concat(tape, [a!, b!, add(tape, a!, a!)]));
};
