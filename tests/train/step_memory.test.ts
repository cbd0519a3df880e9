import { describe, expect, test } from 'vitest';
import { baseBytes } from '../../bench/network.bench.ts';
import { ConfigError, GpuError, ShapeError } from '../../src/errors.ts';
import { DryGpu } from '../../src/gpu/dry_gpu.ts';
import { UNet } from '../../src/nn/unet.ts';
import type { UNetOptions } from '../../src/nn/unet_config.ts';
import { Rng } from '../../src/rng.ts';
import { product, type Triple } from '../../src/shape.ts';
import { exampleStages } from '../../src/train/augment_batch.ts';
import { GPU_TRANSFORMS } from '../../src/train/gpu_augmentations.ts';
import { Learner } from '../../src/train/learner.ts';
import { stepMemory } from '../../src/train/step_memory.ts';
import { testGpu } from '../helpers/gpu.ts';

const BASE: UNetOptions = {
  inChannels: 1,
  outChannels: 2,
  channels: [4, 8],
  strides: [2],
  numResUnits: 2,
};

interface Case {
  readonly network?: Partial<UNetOptions>;
  readonly patchSize: Triple;
  readonly batchSize?: number;
  readonly accumulate?: number;
  readonly checkpointing?: boolean;
  readonly augmentations?: readonly string[];
}

const CASES: [string, Case][] = [
  ['a small U-Net', { patchSize: [16, 16, 16] }],
  ['a batch of three', { patchSize: [8, 12, 10], batchSize: 3 }],
  ['three levels', { network: { channels: [3, 5, 7], strides: [2, 2] }, patchSize: [16, 12, 8] }],
  [
    'strides per axis and more channels',
    {
      network: {
        inChannels: 2,
        outChannels: 3,
        channels: [8, 12, 16],
        strides: [
          [2, 2, 1],
          [2, 2, 2],
        ],
      },
      patchSize: [16, 16, 6],
    },
  ],
  [
    'dropout and affine norms',
    { network: { dropout: 0.2, norm: 'instance_affine' }, patchSize: [16, 8, 8] },
  ],
  ['more weights than voxels', { network: { channels: [16, 64] }, patchSize: [4, 4, 4] }],
  ['plain convolutions', { network: { numResUnits: 0, act: 'relu' }, patchSize: [16, 16, 8] }],
  ['checkpointing', { patchSize: [16, 16, 16], batchSize: 2, checkpointing: true }],
  ['accumulation', { patchSize: [8, 8, 8], accumulate: 3 }],
  ['both', { patchSize: [16, 8, 8], batchSize: 2, accumulate: 2, checkpointing: true }],
  [
    'augmentation',
    { patchSize: [16, 16, 16], batchSize: 2, augmentations: [...GPU_TRANSFORMS.keys()] },
  ],
  [
    'augmentation of more than its network takes',
    {
      network: { inChannels: 16, channels: [1, 1], numResUnits: 0, norm: 'none' },
      patchSize: [16, 16, 16],
      augmentations: ['Blur'],
    },
  ],
];

/** Peak of one optimiser step on the GPU. */
async function measured(options: Case) {
  const { network, patchSize, batchSize = 1, accumulate = 1, augmentations = [] } = options;
  const { checkpointing = false } = options;
  const gpu = await testGpu();
  const before = gpu.pool.bytesInUse;
  const model = new UNet(gpu, Rng.seed(0), { ...BASE, ...network });
  const learner = new Learner({ gpu, model, accumulate, checkpointing });
  const imageShape = [batchSize, model.config.inChannels, ...patchSize];
  const labelShape = [batchSize, 1, ...patchSize];
  const batch = {
    image: Float32Array.from({ length: product(imageShape) }, (_, n) => Math.sin(n)),
    imageShape,
    label: new Uint32Array(product(labelShape)),
    labelShape,
    augmentations: exampleStages(augmentations, batchSize),
  };
  const loader = {
    batches: accumulate,
    epoch: () => new Array<typeof batch>(accumulate).fill(batch),
  };
  gpu.pool.resetPeak();
  await learner.fitOneCycle(1, 1e-3, { loaders: { train: loader } });
  learner.dispose();
  model.dispose();
  return gpu.pool.peakBytes - before;
}

function planned({ network, patchSize, batchSize = 1, ...rest }: Case, gpu?: DryGpu) {
  return stepMemory(
    { ...BASE, ...network },
    { batchSize, ...rest, ...(gpu ? { gpu } : {}) },
  )(patchSize);
}

describe('stepMemory', () => {
  test.each(CASES)('knows what %s takes before it runs', async (_, options) => {
    const peak = await measured(options);
    expect(planned(options, new DryGpu(await testGpu())).peak).toBe(peak);
  });

  test.each([false, true])(
    'differs little between adapters for a patch to train on, checkpointing %s',
    async (checkpointing) => {
      // Their kernels need other scratch, which outweighs the activations of the tiny patches above.
      const options = {
        network: { channels: [16, 32, 64, 128, 256], strides: [2, 2, 2, 2] },
        patchSize: [64, 64, 64],
        checkpointing,
      } as const;
      const { peak } = planned(options, new DryGpu(await testGpu()));
      expect(Math.abs(planned(options).peak - peak)).toBeLessThan(0.1 * peak);
    },
  );

  test("a step of the tutorial's network takes less than 1.6 times what it cannot do without", async () => {
    const options = {
      network: { channels: [16, 32, 64, 128, 256], strides: [2, 2, 2, 2] },
      patchSize: [128, 128, 64],
      batchSize: 4,
    } as const;
    const base = baseBytes({ shape: [128, 128, 64], batch: 4 });
    for (const gpu of [new DryGpu(), new DryGpu(await testGpu())]) {
      const { peak } = planned(options, gpu);
      expect(peak).toBeLessThan(1.6 * base);
      expect(planned({ ...options, checkpointing: true }, gpu).peak).toBeLessThan(0.6 * peak);
    }
  });

  test('adds up, and leaves nothing in use when it is asked again', () => {
    const gpu = new DryGpu();
    const bytesOf = stepMemory(BASE, { batchSize: 2, gpu });
    const standing = gpu.pool.bytesInUse;
    const small = bytesOf([8, 8, 8]);
    const large = bytesOf([16, 16, 16]);
    expect(gpu.pool.bytesInUse).toBe(standing);
    expect(bytesOf([8, 8, 8])).toEqual(small);
    for (const { parameters, moments, activations, backward, peak } of [small, large]) {
      expect(parameters + moments + activations + backward).toBe(peak);
      expect(moments).toBe(2 * parameters);
      expect(backward).toBeGreaterThan(0);
    }
    expect(large.activations).toBeGreaterThan(6 * small.activations);
  });

  test('a batch of four takes more than four batches of one', () => {
    const four = planned({ patchSize: [16, 16, 16], batchSize: 4 });
    const one = planned({ patchSize: [16, 16, 16], accumulate: 4 });
    expect(one.peak).toBeLessThan(0.5 * four.peak);
  });

  test('refuses what could not be trained', () => {
    expect(() => planned({ patchSize: [2048, 1024, 1024] })).toThrow(GpuError);
    expect(() => planned({ patchSize: [7, 8, 8] })).toThrow(ShapeError);
    expect(() => stepMemory({ ...BASE, strides: [] }, { batchSize: 1 })).toThrow(ConfigError);
  });
});
