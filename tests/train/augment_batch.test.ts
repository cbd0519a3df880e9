import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { identityAffine } from '../../src/io/affine.ts';
import type { AugmentationStage } from '../../src/patch/deferred.ts';
import { sourceIndices } from '../../src/patch/transforms/affine.ts';
import { transformFromSpec } from '../../src/patch/transforms/from_spec.ts';
import { Rng } from '../../src/rng.ts';
import { product } from '../../src/shape.ts';
import { exampleStages, uploadBatch } from '../../src/train/augment_batch.ts';
import { augmentOnCpu, type Batch } from '../../src/train/batch.ts';
import { GPU_TRANSFORMS } from '../../src/train/gpu_augmentations.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

/** fastMONAI's tutorial, with noise and flips. */
const TUTORIAL = [
  { name: 'RandomAffine', params: { scales: [0.95, 1.3], degrees: 15, translation: 5 } },
  { name: 'RandomGamma', params: { logGamma: [-0.3, 0.3] } },
  { name: 'RandomBiasField', params: {} },
  { name: 'RandomBlur', params: { std: [0, 0.8] } },
  { name: 'RandomNoise', params: {} },
  { name: 'RandomFlip', params: { axes: [0, 1, 2] } },
];

/** A smooth image, as scans are: interpolation between unrelated voxels would amplify rounding. */
function batchOf(imageShape: readonly number[], augmentations: AugmentationStage[]): Batch {
  const labelShape = [imageShape[0]!, 1, ...imageShape.slice(2)];
  const image = Float32Array.from(
    { length: product(imageShape) },
    (_, n) => 2 * Math.sin(n / 7) + Math.cos(n / 90),
  );
  const label = Uint32Array.from({ length: product(labelShape) }, (_, n) => (n * 13) % 4);
  return { image, imageShape, label, labelShape, augmentations };
}

function stages(
  specs: readonly { name: string; params: object }[],
  imageShape: readonly number[],
  seed: number,
): AugmentationStage[] {
  const shape = imageShape.slice(1) as [number, number, number, number];
  return specs.map(({ name, params }, m) => {
    const transform = transformFromSpec({ name, params: { ...params } });
    const samples = Array.from({ length: imageShape[0]! }, (_, n) => {
      const stream = Rng.seed(seed).fold(n).fold(m);
      return transform.draw!({ shape, affine: identityAffine() }, stream)?.params ?? null;
    });
    return { name: name.replace('Random', ''), samples };
  });
}

/** Elements of which f32 may decide otherwise than f64 which voxel is nearest, or what is inside. */
function undecided(imageShape: readonly number[], stage: AugmentationStage): boolean[] {
  const [, C, I, J, K] = imageShape as [number, number, number, number, number];
  return stage.samples.flatMap((params) => {
    const grid = { shape: [C, I, J, K] as const, affine: identityAffine() };
    const m = params && sourceIndices(grid, params as never, 'image');
    return Array.from({ length: I * J * K }, (_, n) => {
      if (!m) return false;
      const at = [Math.floor(n / (J * K)), Math.floor(n / K) % J, n % K, 1];
      return [0, 4, 8].some((row) => {
        const p = at.reduce((sum, value, column) => sum + value * m[row + column]!, 0);
        return Math.abs(p - Math.floor(p) - 0.5) < 1e-4;
      });
    });
  });
}

async function onGpu(batch: Batch) {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const { image, target } = uploadBatch(scope, batch);
  return { image: await gpu.read(image), label: await gpu.read<'u32'>(target) };
}

describe('a batch on the GPU is what the transforms make of it on the CPU', () => {
  test.each(TUTORIAL)('$name', async ({ name, params }) => {
    for (const [n, shape] of [
      [3, 1, 12, 13, 14],
      [2, 2, 9, 8, 33],
    ].entries()) {
      const drawn = stages([{ name, params }], shape, n + 1);
      const batch = batchOf(shape, drawn);
      const [actual, expected] = [await onGpu(batch), augmentOnCpu(batch)];
      const skip = name === 'RandomAffine' ? undecided(shape, drawn[0]!) : [];
      const voxels = product(shape.slice(2));
      const sampleOf = (at: number) => Math.floor(at / (voxels * shape[1]!));
      const decided = (values: Float32Array) =>
        values.map((value, at) => (skip[sampleOf(at) * voxels + (at % voxels)] ? 0 : value));
      expect(skip.filter(Boolean).length).toBeLessThan(0.01 * voxels);
      expectClose(decided(actual.image), decided(expected.image), { rtol: 2e-5, shape });
      const wrong = actual.label.filter((value, at) => value !== expected.label[at] && !skip[at]);
      expect(wrong.length).toBe(0);
      expect(actual.image).not.toEqual(batch.image);
    }
  });

  test('all of them, one after the other', async () => {
    const shape = [4, 1, 16, 12, 20];
    const [move, ...others] = TUTORIAL;
    // Moved last: what f32 decides otherwise stays where it is.
    const drawn = stages([...others, move!], shape, 5);
    const batch = batchOf(shape, drawn);
    const [actual, expected] = [await onGpu(batch), augmentOnCpu(batch)];
    const skip = undecided(shape, drawn.at(-1)!);
    const decided = (values: Float32Array) => values.map((value, n) => (skip[n] ? 0 : value));
    expectClose(decided(actual.image), decided(expected.image), { rtol: 5e-5, shape });
    expect(actual.label.filter((value, n) => value !== expected.label[n] && !skip[n])).toEqual(
      new Uint32Array(),
    );
  });
});

test('a sample that chance leaves alone keeps every bit', async () => {
  const shape = [2, 1, 8, 9, 10];
  for (const stage of stages(
    TUTORIAL.map(({ name, params }) => ({
      name,
      params: name === 'RandomFlip' ? { axes: [0], flipProbability: 1 } : { ...params, p: 1 },
    })),
    shape,
    3,
  )) {
    const batch = batchOf(shape, [{ ...stage, samples: [stage.samples[0]!, null] }]);
    const { image, label } = await onGpu(batch);
    const half = image.length / 2;
    expect(image.slice(half)).toEqual(batch.image.slice(half));
    expect(label.slice(half)).toEqual(batch.label.slice(half));
    expect(image.slice(0, half)).not.toEqual(batch.image.slice(0, half));
  }
});

test('stages that change no sample cost nothing', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const shape = [2, 1, 4, 4, 4];
  const idle = [...GPU_TRANSFORMS.keys()].map((name) => ({ name, samples: [null, null] }));
  const before = gpu.counts.dispatches;
  const batch = batchOf(shape, idle);
  const { image } = uploadBatch(scope, batch);
  expect(gpu.counts.dispatches).toBe(before);
  expect(await gpu.read(image)).toEqual(batch.image);
});

test('nothing but image and labels is left in use, and parameters do not end submissions', async () => {
  const gpu = await testGpu();
  await gpu.sync();
  const { bytesInUse } = gpu.pool;
  const { submits } = gpu.counts;
  using scope = gpu.scope();
  const shape = [2, 1, 8, 8, 8];
  uploadBatch(scope, batchOf(shape, exampleStages([...GPU_TRANSFORMS.keys()], 2)));
  expect(gpu.pool.bytesInUse - bytesInUse).toBe(2 * 4 * product(shape));
  expect(gpu.counts.submits).toBe(submits);
});

test('the same batch gives the same bytes twice', async () => {
  const shape = [2, 1, 12, 12, 12];
  const batch = {
    ...batchOf(shape, stages(TUTORIAL, shape, 8)),
    image: randomArray(shape, 1),
  };
  expect(await onGpu(batch)).toEqual(await onGpu(batch));
});

test('a stage that has no op is refused by its name', async () => {
  const batch = batchOf([1, 1, 4, 4, 4], [{ name: 'Resize', samples: [{}] }]);
  await expect(onGpu(batch)).rejects.toThrow(ConfigError);
  await expect(onGpu(batch)).rejects.toThrow(/'Resize'.*Affine, Flip/);
});
