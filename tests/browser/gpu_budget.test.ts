import { expect, test } from 'vitest';
import { defaultGpuBytes } from '../../src/browser/gpu_budget.ts';

const MIB = 2 ** 20;

test.each([
  ['a desktop', 2 ** 31, 8, 1024 * MIB],
  ['a browser that does not tell the memory', 2 ** 31, undefined, 1024 * MIB],
  ['bindings of the standard', 128 * MIB, 8, 512 * MIB],
  ['a phone of 1 GiB', 512 * MIB, 1, 256 * MIB],
])('%s', (_, maxStorageBufferBindingSize, memory, bytes) => {
  expect(defaultGpuBytes({ maxStorageBufferBindingSize }, memory)).toBe(bytes);
});
