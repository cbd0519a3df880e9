import { describe, expect, test } from 'vitest';
import type { Problem } from '../../../src/gpu/choices.ts';
import { termsOf, withinLimits } from '../../../src/kernels/tuning/work.ts';
import { convFlops } from '../../../src/kernels/variants/conv_flops.ts';
import { conv3dSizes, convTranspose3dSizes } from '../../../src/shape.ts';
import { convTranspose3dCases } from '../../helpers/conv_transpose3d_cases.ts';
import { conv3dCases } from '../../helpers/conv3d_cases.ts';

const LIMITS = { flops: 1e6, elements: 2 ** 16 };

/** The cases of the op, four times as deep and with batch 3. */
const deep = {
  conv3d: conv3dCases.map(({ name, x, weight, options }) => ({
    name,
    sizes: (batch: number, depth: number) =>
      conv3dSizes('test', [batch, x[1]!, depth, x[3]!, x[4]!], weight, options),
    depth: 16 * x[2]!,
  })),
  conv_transpose3d: convTranspose3dCases.map(([name, { x, out, ...options }]) => ({
    name,
    sizes: (batch: number, depth: number) =>
      convTranspose3dSizes(
        'test',
        [batch, x[1], depth, x[3], x[4]],
        [x[1], out, ...options.kernel],
        options,
      ),
    depth: 16 * x[2],
  })),
};

describe.each(Object.entries(deep))('withinLimits of %s', (op, cases) => {
  test.each(cases)('gives sizes that the op itself would have: $name', ({ sizes, depth }) => {
    const problem: Problem = { op, pass: 'forward', dtype: 'f32', sizes: sizes(3, depth) };
    const cut = withinLimits(problem, { flops: 1, elements: 1 }).sizes;
    expect(cut).toEqual(sizes(1, cut.input[0]));
    expect(cut.output[0]).toBeLessThanOrEqual(problem.sizes.output[0]);
  });
});

test('a problem within the limits is itself, a larger one is cut no more than it has to', () => {
  const sizes = conv3dSizes('test', [2, 8, 32, 16, 16], [8, 8, 3, 3, 3], { padding: 1 });
  const problem: Problem = { op: 'conv3d', pass: 'forward', dtype: 'f32', sizes };
  expect(convFlops(sizes)).toBe(2 * 2 * 8 * 8 * 27 * 32 * 16 * 16);
  expect(withinLimits(problem, { flops: 1e9, elements: 1e9 })).toBe(problem);
  const half = withinLimits(problem, { flops: 1.5e7, elements: 1e9 }).sizes;
  expect([half.batch, half.input[0]]).toEqual([1, 16]);
  expect(convFlops(withinLimits(problem, { ...LIMITS, flops: 3.6e6 }).sizes)).toBeLessThan(3.6e6);
});

test('the number of terms is that of the pass', () => {
  const sizes = conv3dSizes('test', [2, 3, 4, 5, 6], [7, 3, 3, 3, 3], { padding: 1 });
  const terms = (pass: string) => termsOf({ op: 'conv3d', pass, dtype: 'f32', sizes });
  expect(['forward', 'backward_input', 'backward_weight'].map(terms)).toEqual([81, 189, 240]);
});
