import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.ts';
import * as kernels from '../../src/kernels/aggregate.ts';
import * as reference from '../../src/reference/aggregate.ts';
import { product, type Triple } from '../../src/shape.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

const positive = (shape: readonly number[], seed: number): Float32Array =>
  randomArray(shape, seed).map((value) => Math.abs(value) + 0.1);

/** Axis by axis, corner by corner, and all of it. */
const BOXES: { box: Triple; from: Triple; to: Triple }[] = [
  { box: [4, 3, 5], from: [0, 0, 0], to: [1, 2, 3] },
  { box: [2, 3, 4], from: [2, 0, 1], to: [0, 4, 5] },
  { box: [1, 1, 1], from: [3, 2, 4], to: [4, 6, 8] },
];

describe('aggregateAdd', () => {
  test.each([1, 2, 5])('equals the reference (%i channels)', async (channels) => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const patchSize: Triple = [4, 3, 5];
    const slab: Triple = [5, 7, 9];
    const patches = randomArray([2, channels, ...patchSize], 1);
    const window = positive([12], 2);
    const expected = randomArray([channels + 1, ...slab], 3);
    const sums = scope.upload(expected, [channels + 1, ...slab]);
    const x = scope.upload(patches, [2, channels, ...patchSize]);
    const w = scope.upload(window, [12]);
    for (const [n, box] of BOXES.entries()) {
      for (const mirror of [[], [0], [1, 2]]) {
        const options = { sample: n % 2, ...box, mirror, least: 0.3 };
        kernels.aggregateAdd(scope, sums, x, w, options);
        const sizes = { channels, patchSize, slab };
        reference.aggregateAdd(expected, patches, window, { ...options, ...sizes });
      }
    }
    expectClose(await gpu.read(sums), expected, { rtol: 1e-6 });
  });

  test('refuses a box outside the patch or the slab, and tensors that do not fit', async () => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const sums = scope.tensor([3, 5, 7, 9]);
    const patches = scope.tensor([2, 2, 4, 3, 5]);
    const window = scope.tensor([12]);
    const fits = { sample: 0, ...BOXES[0]! };
    const add = (options: object, tensors: object = {}) => {
      const all = { sums, patches, window, ...tensors };
      const given = { ...fits, ...options };
      return () => kernels.aggregateAdd(scope, all.sums, all.patches, all.window, given);
    };
    expect(add({})).not.toThrow();
    for (const options of [{ to: [2, 2, 3] }, { from: [0, 1, 0] }, { sample: 2 }]) {
      expect(add(options)).toThrow(ShapeError);
    }
    expect(add({}, { sums: scope.tensor([2, 5, 7, 9]) })).toThrow(ShapeError);
    expect(add({}, { window: scope.tensor([13]) })).toThrow(ShapeError);
  });
});

test.each([
  [1, [1, 1, 1]],
  [1, [3, 5, 7]],
  [2, [2, 2, 5]],
  [3, [33, 34, 35]],
  [300, [1, 3, 3]],
] as [number, Triple][])(
  'means and classes of %i channels of %j equal the reference',
  async (channels, slab) => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const voxels = product(slab);
    const sums = positive([channels + 1, ...slab], channels);
    // Equals, of which the lowest counts, and a mean that is the threshold itself.
    for (let c = 0; c <= channels; c++) sums[c * voxels] = 1;
    const tensor = scope.upload(sums, [channels + 1, ...slab]);
    const means = await gpu.read(kernels.aggregateProbabilities(scope, tensor));
    expectClose(means, reference.aggregateProbabilities(sums, channels), { rtol: 1e-6 });
    const words = await gpu.read<'u32'>(kernels.aggregateLabels(scope, tensor, 1));
    const labels = kernels.unpackLabels(words, channels, voxels);
    expect([...labels]).toEqual([...reference.aggregateLabels(sums, channels, 1)]);
    expect(labels[0]).toBe(channels === 1 ? 1 : 0);
  },
);

test('sums without a channel beside the weight are refused', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const sums = scope.tensor([1, 2, 2, 2]);
  expect(() => kernels.aggregateLabels(scope, sums)).toThrow(ShapeError);
  expect(() => kernels.aggregateProbabilities(scope, sums)).toThrow('[C+1,rows,J,K]');
});
