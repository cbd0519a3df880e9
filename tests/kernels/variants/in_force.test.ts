import { expect, test } from 'vitest';
import { type Problem, problemKey } from '../../../src/gpu/choices.ts';
import { DryGpu } from '../../../src/gpu/dry_gpu.ts';
import { kernelsInForce, unknownKernels } from '../../../src/kernels/variants/in_force.ts';
import { conv3dSizes } from '../../../src/shape.ts';

const problem = (stride: number): Problem => ({
  op: 'conv3d',
  pass: 'forward',
  dtype: 'f32',
  sizes: conv3dSizes('test', [1, 5, 4, 6, 7], [9, 5, 3, 3, 3], { stride, padding: 1 }),
});

test('names the kernel of every problem, chosen or not, and choosing them changes nothing', () => {
  const gpu = new DryGpu();
  const fixed = kernelsInForce(gpu, [problem(1), problem(2)]);
  expect(Object.keys(fixed)).toEqual([problem(1), problem(2)].map(problemKey));
  gpu.choices.use({ [problemKey(problem(1))]: 'naive' });
  const chosen = kernelsInForce(gpu, [problem(1), problem(2)]);
  expect(chosen).toEqual({ ...fixed, [problemKey(problem(1))]: 'naive' });
  const other = new DryGpu();
  other.choices.use(chosen);
  expect(kernelsInForce(other, [problem(2), problem(1)])).toEqual(chosen);
});

test('by default of all that was asked for', () => {
  const gpu = new DryGpu();
  gpu.choices.lookup(problem(2));
  expect(Object.keys(kernelsInForce(gpu))).toEqual([problemKey(problem(2))]);
});

test('kernels of another version are found out', () => {
  const recorded = {
    [problemKey(problem(1))]: 'naive',
    [problemKey(problem(2))]: 'gone',
    'conv4d forward f32 n1': 'naive',
  };
  expect(unknownKernels(recorded)).toEqual(['conv3d forward gone', 'conv4d forward naive']);
});
