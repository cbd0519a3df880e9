import { fileURLToPath } from 'node:url';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumFlags, chromiumPath } from './helpers/chromium.ts';

const executablePath = chromiumPath();
if (!executablePath) throw new Error('vitest: no Chromium. Install it, or set CHROMIUM_PATH.');

/** The very same tests of kernels, gradients and networks, in a page of Chromium, on its own WebGPU. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  resolve: {
    alias: [
      {
        find: /^.*\/src\/node\/dawn\.ts$/,
        replacement: fileURLToPath(new URL('helpers/browser_gpu.ts', import.meta.url)),
      },
    ],
  },
  // Found while tests run, a package would reload the page under them.
  optimizeDeps: { include: ['zod', 'fflate', 'nifti-reader-js'] },
  test: {
    name: 'chromium',
    include: ['gpu', 'kernels', 'autograd', 'nn', 'half'].map((it) => `tests/${it}/**/*.test.ts`),
    testTimeout: 240_000,
    hookTimeout: 240_000,
    maxWorkers: 1,
    sequence: { groupOrder: 1 },
    isolate: false,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: {
          executablePath,
          args: chromiumFlags('compute'),
        },
      }),
      instances: [{ browser: 'chromium' }],
    },
  },
});
