/** Where measured choices between kernels are kept in a browser. */
import { GpuError } from '../../errors.ts';
import type { ChoiceStore } from './choice_cache.ts';

/** A name in the origin's Cache Storage, and an address in it that nothing is ever fetched from. */
const CACHE = 'voxgrad';
const ADDRESS = '/voxgrad/autotune.json';

/**
 * The origin's Cache Storage, which workers have too.
 *
 * @param storage default: the global `caches`, which browsers have on secure pages
 * @throws GpuError where there is none
 */
export function browserChoiceStore(
  storage: CacheStorage | undefined = globalThis.caches,
): ChoiceStore {
  if (!storage) {
    throw new GpuError(
      'browserChoiceStore: there is no Cache Storage. globalThis.caches is missing. Serve the page by https or from localhost, or tune without a store.',
    );
  }
  return {
    place: `Cache Storage '${CACHE}'`,
    load: async () => (await (await storage.open(CACHE)).match(ADDRESS))?.text(),
    save: async (text) => {
      const headers = { 'content-type': 'application/json' };
      await (await storage.open(CACHE)).put(ADDRESS, new Response(text, { headers }));
    },
  };
}
