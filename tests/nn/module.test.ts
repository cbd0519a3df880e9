import { describe, expect, it } from 'vitest';
import { ConfigError, ShapeError } from '../../src/errors.ts';
import { Conv3d } from '../../src/nn/conv3d.ts';
import { Sequential } from '../../src/nn/sequential.ts';
import { Rng } from '../../src/rng.ts';
import { testGpu } from '../helpers/gpu.ts';

async function twoConvolutions() {
  const gpu = await testGpu();
  const rng = Rng.seed(1);
  const conv = (inChannels: number, outChannels: number) =>
    new Conv3d(gpu, rng, { inChannels, outChannels, kernelSize: 1 });
  return new Sequential([conv(2, 3), conv(3, 1)]);
}

describe('Module', () => {
  it('names parameters as PyTorch does and counts their values', async () => {
    const module = await twoConvolutions();
    const names = module.namedParameters().map(({ name }) => name);
    expect(names).toEqual(['0.weight', '0.bias', '1.weight', '1.bias']);
    expect(module.parameterCount).toBe(6 + 3 + 3 + 1);
    module.dispose();
  });

  it('exempts biases from weight decay', async () => {
    const module = await twoConvolutions();
    const decayed = module.namedParameters().filter(({ weightDecay }) => weightDecay);
    expect(decayed.map(({ name }) => name)).toEqual(['0.weight', '1.weight']);
    module.dispose();
  });

  it('reads back what it has loaded', async () => {
    const module = await twoConvolutions();
    const state = await module.stateDict();
    for (const { data } of state.values()) data.set(data.map((_, n) => n / 7));
    module.loadStateDict(state);
    expect([...(await module.stateDict())]).toEqual([...state]);
    module.dispose();
  });

  it('names missing and unexpected tensors, and then changes nothing', async () => {
    const module = await twoConvolutions();
    const before = await module.stateDict();
    const state = new Map(before);
    state.delete('1.bias');
    state.set('2.weight', { shape: [1], data: Float32Array.of(0) });
    state.set('0.bias', { shape: [3], data: Float32Array.of(5, 5, 5) });
    expect(() => module.loadStateDict(state)).toThrow(ConfigError);
    expect(() => module.loadStateDict(state)).toThrow(/missing: 1\.bias.*unexpected: 2\.weight/);
    expect([...(await module.stateDict())]).toEqual([...before]);
    module.loadStateDict(state, { strict: false });
    expect([...(await module.stateDict()).get('0.bias')!.data]).toEqual([5, 5, 5]);
    module.dispose();
  });

  it('names tensors of another shape with both shapes', async () => {
    const module = await twoConvolutions();
    const state = await module.stateDict();
    state.set('0.weight', { shape: [2, 3, 1, 1, 1], data: new Float32Array(6) });
    expect(() => module.loadStateDict(state)).toThrow(ShapeError);
    expect(() => module.loadStateDict(state)).toThrow('0.weight [2,3,1,1,1] for [3,2,1,1,1]');
    module.dispose();
  });

  it('takes a plain record as well as a map', async () => {
    const module = await twoConvolutions();
    const state = await module.stateDict();
    module.loadStateDict(Object.fromEntries(state));
    module.dispose();
  });

  it('gives its memory back when disposed', async () => {
    const gpu = await testGpu();
    const before = gpu.pool.bytesInUse;
    const module = await twoConvolutions();
    expect(gpu.pool.bytesInUse).toBeGreaterThan(before);
    module.dispose();
    expect(gpu.pool.bytesInUse).toBe(before);
  });
});
