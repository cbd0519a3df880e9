import { createRequire } from 'node:module';

/** Of the package that this file belongs to; the same path from src/cli and from dist/cli. */
export function packageVersion(): string {
  const manifest = createRequire(import.meta.url)('../../package.json') as { version: string };
  return manifest.version;
}
