/** A plain file server as any host of static pages is one: no headers of ours, the page in a sub-folder. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
};

export interface StaticServer {
  /** Address of `folder`, with a slash at its end. */
  readonly url: string;
  /** Ends it; open connections are cut, as by a machine that loses its network. */
  stop(): Promise<void>;
}

/** Serves `folder` below `/some/where/` of a free port. */
export async function serveFolder(folder: string): Promise<StaticServer> {
  const prefix = '/some/where/';
  const server = createServer(async ({ url = '/' }, response) => {
    const path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
    const asked = normalize(path.slice(prefix.length) || 'index.html');
    const file = join(folder, asked.endsWith(sep) ? `${asked}index.html` : asked);
    const bytes = path.startsWith(prefix) && (await readFile(file).catch(() => undefined));
    if (!bytes) return response.writeHead(404).end('not found');
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'content-length': bytes.length }).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${prefix}`,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
