import { createRequire } from 'node:module';
import { dirname } from 'node:path';

// By the package's own name, so that the sources and the build find it alike.
const require = createRequire(import.meta.url);
const MANIFEST = 'voxgrad/package.json';

/** Of the package that this file belongs to. */
export function packageVersion(): string {
  return (require(MANIFEST) as { version: string }).version;
}

/** Folder of that package. */
export function packageRoot(): string {
  return dirname(require.resolve(MANIFEST));
}
