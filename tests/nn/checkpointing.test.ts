import { describe, expect, it } from 'vitest';
import { Tape } from '../../src/autograd/tape.ts';
import { Variable } from '../../src/autograd/variable.ts';
import { DiceCELoss } from '../../src/nn/dice_ce_loss.ts';
import { UNet } from '../../src/nn/unet.ts';
import type { UNetOptions } from '../../src/nn/unet_config.ts';
import { Rng } from '../../src/rng.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

const BASE: UNetOptions = {
  inChannels: 1,
  outChannels: 2,
  channels: [4, 8, 12],
  strides: [2, 2],
  numResUnits: 2,
};

/** Loss and gradients of one step, and what it took. */
async function step(options: Partial<UNetOptions>, checkpointing: boolean) {
  const gpu = await testGpu();
  const network = new UNet(gpu, Rng.seed(4), { ...BASE, ...options });
  const shape = [2, 1, 16, 8, 12];
  const before = gpu.pool.bytesInUse;
  gpu.pool.resetPeak();
  try {
    using tape = new Tape(gpu, { seed: 11, checkpointing });
    const x = new Variable(tape.upload(randomArray(shape, 1), shape));
    const labels = Uint32Array.from(randomArray(shape, 2), (value) => (value > 0 ? 1 : 0));
    const target = tape.upload(labels, shape);
    const loss = new DiceCELoss().forward(tape, network.forward(tape, x), target);
    const lossBytes = await gpu.read(loss.value);
    const keptByForward = gpu.pool.bytesInUse - before;
    const dispatches = gpu.counts.dispatches;
    tape.backward(loss);
    const backwardDispatches = gpu.counts.dispatches - dispatches;
    const gradients = new Map<string, Float32Array>();
    for (const { name, parameter } of network.namedParameters()) {
      gradients.set(name, await gpu.read(parameter.grad!));
    }
    const peak = gpu.pool.peakBytes - before;
    return { loss: lossBytes, gradients, keptByForward, backwardDispatches, peak };
  } finally {
    network.dispose();
  }
}

describe('checkpointing', () => {
  it.each<[string, Partial<UNetOptions>]>([
    ['the residual U-Net', {}],
    ['dropout, whose masks must repeat', { dropout: 0.3 }],
    ['plain convolutions with ReLU', { numResUnits: 0, act: 'relu' }],
    ['affine norms and dropout', { norm: 'instance_affine', dropout: 0.2, numResUnits: 3 }],
  ])('%s: gradients are the same bytes, in less memory', async (_, options) => {
    const whole = await step(options, false);
    const less = await step(options, true);
    expect(less.loss).toEqual(whole.loss);
    expect(less.gradients).toEqual(whole.gradients);
    expect(less.keptByForward).toBeLessThan(0.75 * whole.keptByForward);
    expect(less.peak).toBeLessThan(whole.peak);
    // It is not free: the forward kernels run again.
    expect(less.backwardDispatches).toBeGreaterThan(whole.backwardDispatches);
  });

  it('returns every byte of a step to the pool', async () => {
    const gpu = await testGpu();
    const before = gpu.pool.bytesInUse;
    await step({ dropout: 0.3 }, true);
    expect(gpu.pool.bytesInUse).toBe(before);
  });
});
