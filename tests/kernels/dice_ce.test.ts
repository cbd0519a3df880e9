import { describe, expect, test } from 'vitest';
import { ConfigError, ShapeError } from '../../src/errors.ts';
import type { Scope } from '../../src/gpu/scope.ts';
import { type DiceCeOptions, diceCeBackward, diceCeForward } from '../../src/kernels/dice_ce.ts';
import { diceCe } from '../../src/reference/dice_ce.ts';
import { Rng } from '../../src/rng.ts';
import { product } from '../../src/shape.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

function randomLabels(count: number, classes: number, seed: number): Uint32Array {
  const rng = Rng.seed(seed);
  return Uint32Array.from({ length: count }, () => rng.integer(classes));
}

/** Loss, terms and gradient for d loss = `dloss`, read back. */
async function run(
  scope: Scope,
  logits: Float32Array,
  labels: Uint32Array,
  shape: readonly number[],
  options: DiceCeOptions = {},
  dloss = 1,
) {
  const { gpu } = scope;
  const x = scope.upload(logits, shape);
  const target = scope.upload(labels, [shape[0]!, 1, ...shape.slice(2)]);
  const { loss, dice, ce, slopes } = diceCeForward(scope, x, target, options);
  const dy = scope.upload(Float32Array.of(dloss), [1]);
  const dlogits = diceCeBackward(scope, x, target, slopes, dy, options);
  return {
    loss: (await gpu.read(loss))[0]!,
    dice: (await gpu.read(dice))[0]!,
    ce: (await gpu.read(ce))[0]!,
    dlogits: await gpu.read(dlogits),
  };
}

async function expectReference(
  shape: readonly number[],
  options: DiceCeOptions,
  scale = 2,
): Promise<void> {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const [batch, classes, ...spatial] = shape as [number, number, ...number[]];
  const voxels = product(spatial);
  const logits = randomArray(shape, 1).map((value) => scale * value);
  const labels = randomLabels(batch * voxels, classes, 2);
  const expected = diceCe(logits, labels, { batch, classes, voxels }, options);
  const actual = await run(scope, logits, labels, shape, options, 0.5);
  const terms = { rtol: 3e-6 };
  expectClose([actual.loss], [expected.loss], terms);
  expectClose([actual.dice], [expected.dice], terms);
  expectClose([actual.ce], [expected.ce], terms);
  const half = expected.dlogits.map((value) => value / 2);
  expectClose(actual.dlogits, half, { rtol: 3e-6, atol: 1e-10, shape });
}

describe.each([
  [[1, 2, 1, 1, 1]],
  [[2, 2, 3, 5, 7]],
  [[1, 3, 1, 1, 65]],
  [[3, 5, 4, 4, 4]],
  [[1, 17, 3, 3, 3]],
  [[2, 2, 33, 34, 35]],
  [[2, 4, 7]],
])('dice_ce of %j', (shape) => {
  test('equals the reference', () => expectReference(shape, {}));
  test('equals the reference with every option changed', () =>
    expectReference(shape, {
      includeBackground: false,
      squaredPred: true,
      jaccard: true,
      batch: true,
      reduction: 'sum',
      weight: Array.from({ length: shape[1]! }, (_, c) => 0.3 + c),
      lambdaDice: 0.7,
      lambdaCe: 1.3,
      smoothNr: 0.1,
      smoothDr: 0.2,
    }));
});

test.each<[DiceCeOptions]>([
  [{ includeBackground: false }],
  [{ squaredPred: true }],
  [{ jaccard: true }],
  [{ batch: true }],
  [{ reduction: 'sum' }],
  [{ weight: [0.2, 1, 3] }],
  [{ weight: [0.2, 1, 3], includeBackground: false }],
  [{ lambdaDice: 0 }],
  [{ lambdaCe: 0 }],
  [{ smoothNr: 0, smoothDr: 1e-6 }],
])('dice_ce with %j equals the reference', (options) => expectReference([2, 3, 4, 5, 6], options));

test('logits of any size neither overflow nor lose the small probabilities', async () => {
  await expectReference([2, 3, 4, 5, 6], {}, 300);
  const gpu = await testGpu();
  using scope = gpu.scope();
  // Each voxel right by a margin of 12: its loss is log(1 + e^-12), 6e-6.
  const logits = Float32Array.from({ length: 2000 }, (_, n) => (n < 1000 ? 1012 : 1000));
  const { ce } = await run(scope, logits, new Uint32Array(1000), [1, 2, 1000]);
  expectClose([ce], [Math.log1p(Math.exp(-12))], { rtol: 1e-5, atol: 0 });
});

test('a constant prediction over many voxels gathers no rounding error', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const voxels = 300_007;
  const logits = Float32Array.from({ length: 2 * voxels }, (_, n) => (n < voxels ? 0 : 0.85));
  const labels = Uint32Array.from({ length: voxels }, (_, n) => Number(n % 3 === 0));
  const expected = diceCe(logits, labels, { batch: 1, classes: 2, voxels });
  const { dice, ce } = await run(scope, logits, labels, [1, 2, voxels]);
  expectClose([dice, ce], [expected.dice, expected.ce], { rtol: 3e-6 });
});

test('an absent class counts through the smoothing terms alone', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const logits = Float32Array.from({ length: 64 }, (_, n) => (n < 32 ? 50 : -50));
  const { dice } = await run(scope, logits, new Uint32Array(32), [1, 2, 32]);
  // Both classes: (2 * 32 + s) / (64 + s) and (0 + s) / (0 + s).
  expectClose([dice], [0], { atol: 1e-6 });
});

test('a label that is no class makes the loss NaN', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const labels = new Uint32Array(512);
  labels[300] = 3;
  const { loss } = await run(scope, randomArray([1, 3, 512], 1), labels, [1, 3, 512]);
  expect(loss).toBeNaN();
});

test('more voxels than one row of workgroups holds give every one its gradient', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const voxels = 64 * 65_536 + 3;
  const x = scope.tensor([1, 2, voxels]);
  const target = scope.tensor([1, 1, voxels], 'labels', 'u32');
  const labels = new Uint32Array(voxels);
  labels[voxels - 1] = 1;
  gpu.write(x, new Float32Array(2 * voxels));
  gpu.write(target, labels);
  const options = { lambdaDice: 0, reduction: 'sum' } as const;
  const { loss, slopes } = diceCeForward(scope, x, target, options);
  const one = scope.upload(Float32Array.of(1), [1]);
  const dlogits = await gpu.read(diceCeBackward(scope, x, target, slopes, one, options));
  expectClose(await gpu.read(loss), [voxels * Math.log(2)], { rtol: 3e-6 });
  expect(dlogits.subarray(0, voxels).filter((value) => value !== -0.5).length).toBe(1);
  expect([dlogits[voxels - 1], dlogits[2 * voxels - 1]]).toEqual([0.5, -0.5]);
});

test('a target or a weight that does not fit is refused with both shapes', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const logits = scope.tensor([2, 3, 4, 4, 4]);
  const labels = (shape: readonly number[]) => scope.tensor(shape, 'labels', 'u32');
  const fit = labels([2, 1, 4, 4, 4]);
  expect(() => diceCeForward(scope, logits, labels([2, 4, 4, 4]))).toThrow(
    /\[2,4,4,4\].*\[2,3,4,4,4\]/,
  );
  expect(() => diceCeForward(scope, scope.tensor([2, 1, 4, 4, 4]), fit)).toThrow(ShapeError);
  expect(() => diceCeForward(scope, logits, fit, { weight: [1, 2] })).toThrow(ConfigError);
  expect(() => diceCeForward(scope, logits, fit, { weight: [1, 2, -1] })).toThrow(ConfigError);
  expect(() => diceCeForward(scope, logits, scope.tensor([2, 1, 4, 4, 4]))).toThrow(/u32/);
});
