import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bundleForBrowser, INFERENCE_GZIP_BYTES, inferenceOnly } from './bundle.ts';

const src = fileURLToPath(new URL('../../src', import.meta.url));
const bundle = (code: string) => bundleForBrowser(code, src);
/** Packages that run in browsers. */
const PACKAGES = ['fflate', 'nifti-reader-js', 'zod'];

/** The library, and what the worker's entry starts: as a module without exports it would be left out. */
const ENTRIES = [
  "export * from './index.ts'",
  "export { hostWorker } from './browser/worker_host.ts'",
];

describe('bundles for browsers', () => {
  it('neither entry needs anything of Node', async () => {
    for (const entry of ENTRIES) {
      const { code, packages } = await bundle(entry);
      expect(
        packages.filter((name) => !PACKAGES.includes(name)),
        entry,
      ).toEqual([]);
      expect(code, entry).not.toMatch(/["']node:/);
    }
  });

  it('the check knows an import of Node', async () => {
    await expect(bundle("export * from './node.ts'")).rejects.toThrow(/node:|Could not resolve/);
  });

  it('inference alone stays below 150 kB, compressed', async () => {
    const { gzipBytes } = await bundle(inferenceOnly('./index.ts'));
    expect(gzipBytes).toBeLessThan(INFERENCE_GZIP_BYTES);
  });

  it('what is not imported is not there, down to the single shader', async () => {
    const { bytes, code, packages } = await bundle("export { Rng } from './index.ts'");
    expect(bytes).toBeLessThan(5_000);
    expect(packages).toEqual([]);
    expect(code).not.toContain('@compute');
    const cast = await bundle("export { castForward } from './index.ts'");
    expect(cast.code.match(/@compute/g)?.length).toBeLessThan(5);
  });
});
