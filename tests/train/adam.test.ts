import { describe, expect, it } from 'vitest';
import { Parameter } from '../../src/autograd/variable.ts';
import { ConfigError } from '../../src/errors.ts';
import type { NamedParameter } from '../../src/nn/module.ts';
import { Adam } from '../../src/train/adam.ts';
import { testGpu } from '../helpers/gpu.ts';

const RATE = { lr: 0.1, momentum: 0.9 };

async function parameter(name: string, values: number[], weightDecay = true) {
  const gpu = await testGpu();
  const data = Float32Array.from(values);
  return { name, parameter: new Parameter(gpu, data, [data.length], name), weightDecay };
}

async function step(adam: Adam, { parameter: p }: NamedParameter, grad: number[], rate = RATE) {
  const gpu = await testGpu();
  using scope = gpu.scope();
  p.grad = scope.upload(Float32Array.from(grad), p.shape);
  adam.step(scope, rate);
  return [...(await gpu.read(p.value))];
}

describe('Adam', () => {
  it('moves by lr against the sign of the first gradient', async () => {
    const gpu = await testGpu();
    const named = await parameter('w', [1, 1], false);
    const adam = new Adam(gpu, [named]);
    const [a, b] = await step(adam, named, [3, -5]);
    expect(a).toBeCloseTo(0.9, 5);
    expect(b).toBeCloseTo(1.1, 5);
    adam.dispose();
    named.parameter.dispose();
  });

  it('decays weights before the step and spares what is exempt', async () => {
    const gpu = await testGpu();
    const [weight, bias] = [await parameter('w', [2]), await parameter('b', [2], false)];
    const adam = new Adam(gpu, [weight, bias], { weightDecay: 0.5 });
    const [decayed] = await step(adam, weight, [0]);
    const [spared] = await step(adam, bias, [0]);
    expect(decayed).toBeCloseTo(2 * (1 - 0.1 * 0.5), 6);
    expect(spared).toBe(2);
    adam.dispose();
    for (const named of [weight, bias]) named.parameter.dispose();
  });

  it('leaves parameters without a gradient alone and uses each gradient once', async () => {
    const gpu = await testGpu();
    const [used, unused] = [await parameter('w', [1]), await parameter('v', [1])];
    const adam = new Adam(gpu, [used, unused]);
    await step(adam, used, [1]);
    expect([...(await gpu.read(unused.parameter.value))]).toEqual([1]);
    expect(used.parameter.grad).toBeUndefined();
    expect((await adam.state()).get('v')!.steps).toBe(0);
    adam.dispose();
    for (const named of [used, unused]) named.parameter.dispose();
  });

  it('continues from a saved state with the very same values', async () => {
    const gpu = await testGpu();
    const [straight, saved] = [await parameter('w', [1, -2]), await parameter('w', [1, -2])];
    const one = new Adam(gpu, [straight]);
    const other = new Adam(gpu, [saved]);
    await step(one, straight, [0.3, -0.7]);
    await step(other, saved, [0.3, -0.7]);
    const resumed = new Adam(gpu, [saved]);
    resumed.load(await other.state());
    const rate = { lr: 0.05, momentum: 0.85 };
    expect(await step(resumed, saved, [0.1, 0.2], rate)).toEqual(
      await step(one, straight, [0.1, 0.2], rate),
    );
    for (const adam of [one, other, resumed]) adam.dispose();
    for (const named of [straight, saved]) named.parameter.dispose();
  });

  it('refuses the state of another network and names the parameter', async () => {
    const gpu = await testGpu();
    const named = await parameter('w', [1, 2, 3]);
    const adam = new Adam(gpu, [named]);
    expect(() => adam.load(new Map())).toThrow(ConfigError);
    expect(() => adam.load(new Map())).toThrow("'w' of 3 values");
    adam.dispose();
    named.parameter.dispose();
  });
});
