import { afterEach, expect, test, vi } from 'vitest';
import { GpuError } from '../../../src/errors.ts';
import { browserChoiceStore } from '../../../src/kernels/tuning/browser_choice_store.ts';

/** As much of the Cache Storage API as a store needs, in memory. */
function storage(): CacheStorage {
  const caches = new Map<string, Map<string, Response>>();
  return {
    open: async (name: string) => {
      const entries = caches.get(name) ?? new Map<string, Response>();
      caches.set(name, entries);
      return {
        match: async (address: string) => entries.get(address)?.clone(),
        put: async (address: string, response: Response) => void entries.set(address, response),
      };
    },
  } as unknown as CacheStorage;
}

test('keeps a text in the Cache Storage', async () => {
  const caches = storage();
  expect(await browserChoiceStore(caches).load()).toBe(undefined);
  await browserChoiceStore(caches).save('one');
  await browserChoiceStore(caches).save('two');
  expect(await browserChoiceStore(caches).load()).toBe('two');
});

afterEach(() => vi.unstubAllGlobals());

test('a page without one is told so', () => {
  vi.stubGlobal('caches', undefined);
  expect(() => browserChoiceStore(undefined)).toThrow(GpuError);
});
