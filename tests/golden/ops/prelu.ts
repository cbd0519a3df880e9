import { prelu } from '../../../src/autograd/prelu.ts';
import type { GoldenHandler } from '../case.ts';
import { differentiate } from '../differentiate.ts';

export const handler: GoldenHandler = (c) =>
  differentiate(c, ['x', 'w'], (tape, [x, weight]) => prelu(tape, x!, weight!));
