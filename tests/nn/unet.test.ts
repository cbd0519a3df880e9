import { describe, expect, it } from 'vitest';
import { Tape } from '../../src/autograd/tape.ts';
import { Variable } from '../../src/autograd/variable.ts';
import { ConfigError, ShapeError } from '../../src/errors.ts';
import { DiceCELoss } from '../../src/nn/dice_ce_loss.ts';
import { UNet } from '../../src/nn/unet.ts';
import type { UNetOptions } from '../../src/nn/unet_config.ts';
import { Rng } from '../../src/rng.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

const SMALL: UNetOptions = {
  inChannels: 1,
  outChannels: 2,
  channels: [2, 3, 4],
  strides: [2, 2],
  numResUnits: 2,
};

async function unet(options: Partial<UNetOptions> = {}, seed = 0): Promise<UNet> {
  return new UNet(await testGpu(), Rng.seed(seed), { ...SMALL, ...options });
}

const namesOf = (network: UNet): string[] => network.namedParameters().map(({ name }) => name);

/** Logits for a random input. */
async function run(network: UNet, shape: readonly number[], recording = false) {
  const gpu = await testGpu();
  using tape = new Tape(gpu, { recording });
  const logits = network.forward(tape, new Variable(tape.upload(randomArray(shape, 9), shape)));
  return { shape: logits.shape, data: await gpu.read(logits.value) };
}

describe('UNet', () => {
  it("has the tutorial's 4,806,481 parameters in 63 tensors, in MONAI's order", async () => {
    const network = await unet({ channels: [16, 32, 64, 128, 256], strides: [2, 2, 2, 2] });
    const parameters = network.namedParameters();
    expect(network.parameterCount).toBe(4_806_481);
    expect(parameters.length).toBe(63);
    const names = namesOf(network);
    expect(names.slice(0, 9)).toEqual([
      'model.0.conv.unit0.conv.weight',
      'model.0.conv.unit0.conv.bias',
      'model.0.conv.unit0.adn.A.weight',
      'model.0.conv.unit1.conv.weight',
      'model.0.conv.unit1.conv.bias',
      'model.0.conv.unit1.adn.A.weight',
      'model.0.residual.weight',
      'model.0.residual.bias',
      'model.1.submodule.0.conv.unit0.conv.weight',
    ]);
    expect(names.slice(-5)).toEqual([
      'model.2.0.conv.weight',
      'model.2.0.conv.bias',
      'model.2.0.adn.A.weight',
      'model.2.1.conv.unit0.conv.weight',
      'model.2.1.conv.unit0.conv.bias',
    ]);
    const shapes = new Map(parameters.map(({ name, parameter }) => [name, parameter.shape]));
    const bottom = 'model.1.submodule.1.submodule.1.submodule.1.submodule';
    expect(shapes.get(`${bottom}.residual.weight`)).toEqual([256, 128, 1, 1, 1]);
    const up = 'model.1.submodule.1.submodule.1.submodule.2.0.conv.weight';
    expect(shapes.get(up)).toEqual([384, 64, 3, 3, 3]);
    network.dispose();
  });

  it('without residual units is made of plain convolutions, and its top ends in one', async () => {
    const network = await unet({ numResUnits: 0, channels: [2, 3], strides: [2] });
    expect(namesOf(network)).toEqual([
      'model.0.conv.weight',
      'model.0.conv.bias',
      'model.0.adn.A.weight',
      'model.1.submodule.conv.weight',
      'model.1.submodule.conv.bias',
      'model.1.submodule.adn.A.weight',
      'model.2.conv.weight',
      'model.2.conv.bias',
    ]);
    expect((await run(network, [1, 1, 4, 4, 4])).shape).toEqual([1, 2, 4, 4, 4]);
    network.dispose();
  });

  it('has affine norm parameters under N, which do not decay', async () => {
    const network = await unet({ norm: 'instance_affine', channels: [2, 3], strides: [2] });
    const norms = network.namedParameters().filter(({ name }) => name.includes('.adn.N.'));
    expect(norms.map(({ name }) => name).slice(0, 2)).toEqual([
      'model.0.conv.unit0.adn.N.weight',
      'model.0.conv.unit0.adn.N.bias',
    ]);
    expect(norms.some(({ weightDecay }) => weightDecay)).toBe(false);
    network.dispose();
  });

  it('keeps sizes under strides that differ per axis', async () => {
    const network = await unet({
      strides: [
        [2, 2, 1],
        [1, 2, 2],
      ],
    });
    expect(network.divisor).toEqual([2, 4, 2]);
    expect((await run(network, [2, 1, 6, 4, 2])).shape).toEqual([2, 2, 6, 4, 2]);
    network.dispose();
  });

  it('works with one value per axis for both kernel sizes', async () => {
    const network = await unet({ kernelSize: [3, 3, 1], upKernelSize: [5, 3, 1], bias: false });
    expect(namesOf(network).some((name) => name.endsWith('bias'))).toBe(false);
    expect((await run(network, [1, 1, 8, 4, 8])).shape).toEqual([1, 2, 8, 4, 8]);
    network.dispose();
  });

  it('computes the same with and without recording, and inference holds less memory', async () => {
    const gpu = await testGpu();
    const network = await unet();
    const shape = [1, 1, 16, 16, 16];
    const measured = async (recording: boolean) => {
      gpu.pool.resetPeak();
      const { data } = await run(network, shape, recording);
      return { data, peak: gpu.pool.peakBytes };
    };
    const training = await measured(true);
    const inference = await measured(false);
    expect(inference.data).toEqual(training.data);
    expect(inference.peak).toBeLessThan(training.peak);
    network.dispose();
  });

  it('drops values only while training', async () => {
    const network = await unet({ dropout: 0.5 });
    const shape = [1, 1, 8, 8, 8];
    expect((await run(network, shape)).data).toEqual((await run(network, shape)).data);
    expect((await run(network, shape, true)).data).not.toEqual((await run(network, shape)).data);
    network.dispose();
  });

  it('gives every parameter a gradient', async () => {
    const gpu = await testGpu();
    const network = await unet({ norm: 'instance_affine' });
    using tape = new Tape(gpu);
    const shape = [1, 1, 8, 8, 8];
    const logits = network.forward(tape, new Variable(tape.upload(randomArray(shape, 2), shape)));
    const total = tape.tensor([1]);
    const ones = tape.upload(randomArray(logits.shape, 3), logits.shape);
    tape.backward(tape.record(total, [logits], () => [ones]));
    for (const { name, parameter } of network.namedParameters()) {
      expect(parameter.grad?.shape, name).toEqual(parameter.shape);
    }
    network.dispose();
  });

  it('names the axis that the strides do not divide and the sizes that would do', async () => {
    const network = await unet();
    await expect(run(network, [1, 1, 8, 10, 8])).rejects.toThrow(ShapeError);
    await expect(run(network, [1, 1, 8, 10, 8])).rejects.toThrow(
      /size 10 of spatial axis 1 \(j\) is not divisible by 4.*Use 8 or 12/,
    );
    await expect(run(network, [1, 1, 8, 8, 3])).rejects.toThrow('Use 4,');
    network.dispose();
  });

  it('refuses a single voxel at the bottom and a wrong number of channels', async () => {
    const network = await unet();
    await expect(run(network, [1, 1, 4, 4, 4])).rejects.toThrow('only one voxel');
    await expect(run(network, [1, 3, 8, 8, 8])).rejects.toThrow('[N,1,D,H,W]');
    network.dispose();
  });

  it('draws the same weights for the same seed', async () => {
    const [a, b, c] = [await unet({}, 4), await unet({}, 4), await unet({}, 5)];
    expect(await a.stateDict()).toEqual(await b.stateDict());
    expect(await a.stateDict()).not.toEqual(await c.stateDict());
    for (const network of [a, b, c]) network.dispose();
  });

  it('refuses options that do not fit together', async () => {
    await expect(unet({ strides: [2] })).rejects.toThrow(ConfigError);
    await expect(unet({ channels: [4], strides: [] })).rejects.toThrow('two levels');
    await expect(unet({ kernelSize: 2 })).rejects.toThrow('even kernel');
    await expect(unet({ dropout: 1 })).rejects.toThrow('probability');
    await expect(unet({ channels: [2, 2.5, 4] })).rejects.toThrow('whole numbers');
  });
});

/** Loss and gradients of one step, and what it took. */
async function step(options: Partial<UNetOptions>, checkpointing: boolean) {
  const gpu = await testGpu();
  const network = new UNet(gpu, Rng.seed(4), { ...SMALL, channels: [4, 8, 12], ...options });
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

describe('UNet with checkpointing', () => {
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
