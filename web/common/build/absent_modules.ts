import { fileURLToPath } from 'node:url';
import type { Alias } from 'vite';

const absent = fileURLToPath(new URL('./absent.ts', import.meta.url));

/**
 * For `resolve.alias`: NiiVue's decompressors of Zarr arrays, 1.4 MB for a kind of file that no page
 * takes, and what dcm2niix imports where it runs on Node.
 */
export const ABSENT_MODULES: Alias[] = [/^numcodecs\/(blosc|lz4|zstd)$/, /^module$/].map(
  (find) => ({
    find,
    replacement: absent,
  }),
);
