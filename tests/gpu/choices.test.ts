import { expect, test } from 'vitest';
import { Choices, type Problem, problemKey } from '../../src/gpu/choices.ts';
import { conv3dSizes } from '../../src/shape.ts';

const problem = (stride: number): Problem => ({
  op: 'conv3d',
  pass: 'forward',
  dtype: 'f32',
  sizes: conv3dSizes('test', [2, 16, 8, 6, 4], [32, 16, 3, 3, 3], { stride, padding: 1 }),
});

test('a key says everything that decides, readably', () => {
  expect(problemKey(problem(2))).toBe(
    'conv3d forward f32 n2 c16>32 8x6x4>4x3x2 k3x3x3 s2x2x2 p1x1x1 d1x1x1',
  );
});

test('later choices replace those of the same problem, others stay', () => {
  const choices = new Choices({ a: 'one', b: 'two' });
  choices.use({ b: 'three', [problemKey(problem(1))]: 'rows' });
  expect(choices.chosen).toEqual({ a: 'one', b: 'three', [problemKey(problem(1))]: 'rows' });
  expect([choices.lookup(problem(1)), choices.lookup(problem(2))]).toEqual(['rows', undefined]);
});

test('problems asked for are listed once, in order', () => {
  const choices = new Choices();
  for (const stride of [2, 1, 2]) choices.lookup(problem(stride));
  expect(choices.asked).toEqual([problem(2), problem(1)]);
});
