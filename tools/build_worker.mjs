// Writes dist/worker: the package's entry voxgrad/worker as one module that imports nothing, so that
// it starts from any address, with or without a bundler. Run after tsc.
import { writeFileSync } from 'node:fs';
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
// The rest of the package is free of side effects; this file is nothing else, and is not left out.
const scope = { type: 'module', sideEffects: true };
writeFileSync(join(outDir, 'package.json'), `${JSON.stringify(scope, null, 2)}\n`);
