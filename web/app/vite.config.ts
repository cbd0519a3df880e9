import { defineConfig } from 'vite';
import { ABSENT_MODULES } from '../common/build/absent_modules.ts';
import { contentPolicy } from './build/content_policy.ts';
import { serviceWorker } from './build/service_worker.ts';

/** `vite build web/app`: the browser application, with every package that it uses, into dist/web. */
export default defineConfig({
  base: './',
  resolve: { alias: ABSENT_MODULES },
  plugins: [contentPolicy(), serviceWorker()],
  worker: { format: 'es' },
  // Its worker and its WASM file are found beside the module, which a pre-bundled copy is not.
  optimizeDeps: { exclude: ['@niivue/dcm2niix'] },
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: 'packages.md' },
    // The viewer is a large package.
    chunkSizeWarningLimit: 4000,
    rolldownOptions: {
      input: { index: 'index.html', lab: 'lab.html' },
    },
  },
});
