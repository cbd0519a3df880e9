import { add } from '../../../src/autograd/add.ts';
import type { GoldenHandler } from '../case.ts';
import { differentiate } from '../differentiate.ts';

export const handler: GoldenHandler = (c) =>
  differentiate(c, ['a', 'b'], (tape, [a, b]) => add(tape, a!, b!));
