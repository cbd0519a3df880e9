import { defineConfig } from 'vite';
import { ABSENT_MODULES } from '../common/build/absent_modules.ts';

/** `vite build web/ui`: the page of `voxgrad ui`, with every package that it uses, into dist/ui. */
export default defineConfig({
  base: './',
  resolve: { alias: ABSENT_MODULES },
  build: {
    outDir: '../../dist/ui',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    license: { fileName: 'packages.md' },
    // The viewer is a large package, and loaded only where a case is opened.
    chunkSizeWarningLimit: 4000,
  },
});
