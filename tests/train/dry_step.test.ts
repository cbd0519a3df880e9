import { describe, expect, test } from 'vitest';
import { networkFlops, TUTORIAL } from '../../bench/layers.ts';
import { ShapeError } from '../../src/errors.ts';
import type { DispatchArguments } from '../../src/gpu/dispatch.ts';
import { DryGpu } from '../../src/gpu/dry_gpu.ts';
import type { Shader } from '../../src/gpu/shader.ts';
import { UNet } from '../../src/nn/unet.ts';
import { Rng } from '../../src/rng.ts';
import type { Triple } from '../../src/shape.ts';
import { Adam } from '../../src/train/adam.ts';
import { dryForward, dryStep } from '../../src/train/dry_step.ts';
import { testGpu } from '../helpers/gpu.ts';
import { toyNetwork } from '../helpers/toy_training.ts';

/** Sums what launchers say that their kernels compute. */
class CountingGpu extends DryGpu {
  flops = 0;

  override dispatch<S extends Shader>(shader: S, args: DispatchArguments<S>): void {
    super.dispatch(shader, args);
    this.flops += args.flops ?? 0;
  }
}

/** Other kernels are the default on a GPU than on a software adapter. */
function countingGpu(isFallbackAdapter: boolean): CountingGpu {
  const { device } = new DryGpu();
  return new CountingGpu({ device, info: { isFallbackAdapter } as GPUAdapterInfo });
}

const PATCH: Triple = [32, 32, 32];
const BATCH = { batchSize: 2, inChannels: 1, patchSize: PATCH };

describe.each([
  ['a GPU', false],
  ['a software adapter', true],
])('on %s', (_, software) => {
  test('the kernels of a forward pass say how much they compute', () => {
    const gpu = countingGpu(software);
    dryForward(gpu, new UNet(gpu, Rng.seed(0), TUTORIAL), BATCH);
    expect(gpu.flops).toBe(networkFlops(PATCH, 2, 'forward'));
  });

  test('the kernels of a step say how much they compute', () => {
    const gpu = countingGpu(software);
    const model = new UNet(gpu, Rng.seed(0), TUTORIAL);
    dryStep(gpu, model, new Adam(gpu, model.namedParameters()), BATCH);
    expect(gpu.flops).toBe(networkFlops(PATCH, 2, 'training_step'));
  });
});

test('a model of a real GPU is neither changed nor left with gradients', async () => {
  const gpu = await testGpu();
  const model = toyNetwork(gpu);
  const before = await model.stateDict();
  const { bytesInUse } = gpu.pool;
  const dry = new DryGpu(gpu);
  const options = { batchSize: 2, inChannels: 1, patchSize: [8, 8, 8] as Triple, accumulate: 3 };
  dryStep(dry, model, new Adam(dry, model.namedParameters()), options);
  expect(gpu.pool.bytesInUse).toBe(bytesInUse);
  expect(model.parameters().every(({ grad }) => grad === undefined)).toBe(true);
  expect(await model.stateDict()).toEqual(before);
  expect(() => dryForward(dry, model, { ...options, patchSize: [7, 8, 8] })).toThrow(ShapeError);
  model.dispose();
});
