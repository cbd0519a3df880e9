import { defineConfig } from 'vitest/config';

// One process and one GPU device at a time: two Dawn devices in worker threads end in a crash.
export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    pool: 'forks',
    isolate: false,
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
