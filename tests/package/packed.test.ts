import { expect, it } from 'vitest';
import { missingFiles, type Packed, strayFiles } from './packed.ts';

const packed = (...paths: string[]): Packed => ({
  tarball: '',
  bytes: 0,
  unpackedBytes: 0,
  files: paths.map((path) => ({ path, size: 1 })),
});

it('knows what has no business in the package', async () => {
  const own = [
    'LICENSE',
    'dist/src/index.js',
    'dist/src/io/nifti.d.ts',
    'dist/web/assets/a.js',
    'dist/web/assets/manifest-a.json',
  ];
  const stray = [
    'dist/src/removed.js',
    'dist/src/index.js.map',
    'dist/tests/walk.test.js',
    'dist/web/assets/a.js.map',
    'src/index.ts',
    '.setup-fingerprint',
  ];
  expect(await strayFiles(packed(...own, ...stray))).toEqual(stray);
});

it('knows what is missing', () => {
  const missing = missingFiles(packed('package.json', 'dist/web/index.html'));
  expect(missing).toContain('LICENSE');
  expect(missing).toContain('dist/web/service_worker.js');
  expect(missing).not.toContain('dist/web/index.html');
});
