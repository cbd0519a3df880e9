/** A built page: its files, found once. */
import { readdir } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { ConfigError } from '../../errors.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.md': 'text/plain; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
  '.safetensors': 'application/octet-stream',
  '.gz': 'application/octet-stream',
};

export interface PageFile {
  readonly path: string;
  readonly contentType: string;
}

/**
 * Files by their address; '/' is index.html. No other address reaches the disk.
 *
 * @throws ConfigError if the page was not built
 */
export async function pageFiles(folder: string): Promise<Map<string, PageFile>> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const files = new Map<string, PageFile>();
  for (const entry of entries) {
    const contentType = TYPES[extname(entry.name)];
    if (!entry.isFile() || contentType === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(`/${relative(folder, path).replaceAll(sep, '/')}`, { path, contentType });
  }
  const index = files.get('/index.html');
  if (!index) {
    throw new ConfigError(
      `pageFiles: the page is not built. ${folder} holds no index.html. Run npm run build in the checkout.`,
    );
  }
  return files.set('/', index);
}
