import { configDefaults, defineConfig } from 'vitest/config';
import { chromiumPath } from './tests/helpers/chromium.ts';

const page = chromiumPath() ? [] : ['tests/web/app/**'];

/** Tests on Node. One process and one GPU device at a time: two Dawn devices in worker threads end in a crash. */
export default defineConfig({
  test: {
    name: 'node',
    include: ['tests/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...page],
    pool: 'forks',
    isolate: false,
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    sequence: { groupOrder: 0 },
  },
});
