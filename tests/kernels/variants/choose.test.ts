import { expect, test } from 'vitest';
import { Choices, type Problem, problemKey } from '../../../src/gpu/choices.ts';
import { DryGpu } from '../../../src/gpu/dry_gpu.ts';
import { conv3dForward } from '../../../src/kernels/conv3d.ts';
import { chooseVariant } from '../../../src/kernels/variants/choose.ts';
import { CONV3D_FORWARD } from '../../../src/kernels/variants/conv3d_forward.ts';
import { conv3dSizes } from '../../../src/shape.ts';
import { testGpu } from '../../helpers/gpu.ts';
import { randomArray } from '../../helpers/random.ts';

const problem = (stride: number): Problem => ({
  op: 'conv3d',
  pass: 'forward',
  dtype: 'f32',
  sizes: conv3dSizes('test', [1, 5, 4, 6, 7], [9, 5, 3, 3, 3], { stride, padding: 1 }),
});

test('without a choice the first kernel that suits runs', () => {
  const gpu = new DryGpu();
  expect(chooseVariant(gpu, CONV3D_FORWARD, problem(1)).suits).toBeDefined();
  const first = CONV3D_FORWARD.find(({ suits }) =>
    suits(
      {
        software: false,
        slowCompiler: false,
        subgroups: false,
        subgroupMinSize: 0,
        f16: false,
        workgroupBytes: 16384,
        workgroupThreads: 256,
        dtype: 'f32',
      },
      problem(1).sizes,
    ),
  );
  expect(chooseVariant(gpu, CONV3D_FORWARD, problem(1)).name).toBe(first?.name);
});

test('a choice is followed for its problem alone', () => {
  const gpu = new DryGpu();
  gpu.choices.use({ [problemKey(problem(1))]: 'naive' });
  expect(chooseVariant(gpu, CONV3D_FORWARD, problem(1)).name).toBe('naive');
  expect(chooseVariant(gpu, CONV3D_FORWARD, problem(2)).name).not.toBe('naive');
});

test('a choice that does not exist, or does not suit, is passed over', () => {
  const gpu = new DryGpu();
  const fixed = chooseVariant(gpu, CONV3D_FORWARD, problem(1)).name;
  const unsuitable = CONV3D_FORWARD.find(({ name }) => name.startsWith('tiles'))!.name;
  for (const name of ['no such kernel', unsuitable]) {
    gpu.choices.use({ [problemKey(problem(1))]: name });
    expect(chooseVariant(gpu, CONV3D_FORWARD, problem(1)).name).toBe(fixed);
  }
});

test('a dry GPU sees the choices of the real one, and tells what was asked for', async () => {
  const real = { ...(await testGpu()), choices: new Choices() };
  real.choices.use({ [problemKey(problem(1))]: 'naive' });
  const gpu = new DryGpu(real);
  using scope = gpu.scope();
  const x = scope.tensor([1, 5, 4, 6, 7]);
  const weight = scope.tensor([9, 5, 3, 3, 3]);
  for (const stride of [1, 2, 1]) conv3dForward(scope, x, weight, null, { stride, padding: 1 });
  expect(gpu.choices.asked.map(problemKey)).toEqual([1, 2].map((s) => problemKey(problem(s))));
  expect(gpu.choices.chosen).toEqual({ [problemKey(problem(1))]: 'naive' });
  expect(real.choices.asked).toEqual([]);
});

test('the launcher runs the chosen kernel: its bits', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const { sizes } = problem(1);
  const x = scope.upload(randomArray([1, 5, 4, 6, 7], 1), [1, 5, 4, 6, 7]);
  const weight = scope.upload(randomArray([9, 5, 3, 3, 3], 2), [9, 5, 3, 3, 3]);
  const naive = CONV3D_FORWARD.at(-1)!;
  const expected = await gpu.read(naive.run(scope, { x, weight, bias: null }, sizes));
  const before = gpu.choices.chosen[problemKey(problem(1))];
  expect(before).toBe(undefined);
  const fixed = chooseVariant(gpu, CONV3D_FORWARD, problem(1)).name;
  gpu.choices.use({ [problemKey(problem(1))]: 'naive' });
  try {
    const y = conv3dForward(scope, x, weight, null, { padding: 1 });
    expect(await gpu.read(y)).toEqual(expected);
  } finally {
    gpu.choices.use({ [problemKey(problem(1))]: fixed });
  }
});
