// Writes dist/worker: the package's entry voxgrad/worker as one module that imports nothing, so that
// it starts from any address, with or without a bundler. Run after tsc.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const dist = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist');
const outDir = join(dist, 'worker');

await build({
  configFile: false,
  logLevel: 'warn',
  publicDir: false,
  build: {
    outDir,
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 1000,
    license: { fileName: 'packages.md' },
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: join(dist, 'src', 'worker.js'),
      output: { entryFileNames: 'worker.js', codeSplitting: false },
    },
  },
});
