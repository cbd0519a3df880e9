import { expect, test } from 'vitest';
import { adapterFacts } from '../../src/browser/adapter_facts.ts';
import { openGpu } from '../../src/browser/open_gpu.ts';
import { GpuError } from '../../src/errors.ts';
import { dawn } from '../../src/node/dawn.ts';

const offering = (adapter: unknown): GPU =>
  ({ requestAdapter: async () => adapter }) as unknown as GPU;

test('opens a device of what offers adapters as browsers do', async () => {
  const gpu = await openGpu({ webgpu: dawn() });
  const facts = adapterFacts(gpu);
  expect(facts.limits.maxComputeInvocationsPerWorkgroup).toBeGreaterThanOrEqual(256);
  expect(structuredClone(facts)).toEqual(facts);
  gpu.destroy();
});

test('says what to do where the browser has no WebGPU', async () => {
  // Node has no WebGPU of its own.
  const failure = openGpu();
  await expect(failure).rejects.toThrow(GpuError);
  await expect(failure).rejects.toThrow(/this browser has no WebGPU.*Chrome/);
});

test('says so where the browser has WebGPU and no adapter', async () => {
  await expect(openGpu({ webgpu: offering(null) })).rejects.toThrow(/offers no adapter.*driver/);
});

test('says so where the adapter refuses a device', async () => {
  const adapter = {
    limits: {},
    features: new Set(),
    info: {},
    requestDevice: () => Promise.reject(new Error('too many devices')),
  };
  const failure = openGpu({ webgpu: offering(adapter) });
  await expect(failure).rejects.toThrow(GpuError);
  await expect(failure).rejects.toThrow(/does not open the adapter\. too many devices/);
});
