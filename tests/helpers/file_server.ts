import { existsSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;

export interface FileServer {
  readonly url: string;
  /** What was asked so far: method, url and headers. */
  readonly requests: IncomingMessage[];
}

/** Calls `use` with a server on this machine whose answers `handler` writes; `count` is from 0. */
export async function withServer<T>(
  handler: Handler,
  use: (server: FileServer) => Promise<T>,
): Promise<T> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    handler(request, response, requests.length - 1);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await use({ url: `http://127.0.0.1:${port}`, requests });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Where a Range header starts; 0 without one. */
export function rangeStart({ headers }: IncomingMessage): number {
  return Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
}

export interface Answer {
  readonly etag?: string;
  readonly lastModified?: string;
  /** End the connection after so many bytes of the file. */
  readonly cutAt?: number;
  /** Where the client keeps them: what it has not stored when a connection ends, it may lose. */
  readonly stored?: string;
}

/** Ends a connection once the client has stored so many bytes, as the server cannot see that it has. */
export function cutWhenStored(response: ServerResponse, path: string, bytes: number): void {
  const timer = setInterval(() => {
    if (existsSync(path) && statSync(path).size >= bytes) response.destroy();
    if (response.destroyed) clearInterval(timer);
  }, 5);
}

/** Answers as a good server does, If-Range heeded, until `cutAt`. */
export function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: Uint8Array,
  { etag, lastModified, cutAt, stored = '' }: Answer = {},
): void {
  const validator = etag ?? lastModified;
  const sameFile = request.headers['if-range'] === validator;
  const start = request.headers.range && sameFile ? rangeStart(request) : 0;
  if (etag) response.setHeader('etag', etag);
  if (lastModified) response.setHeader('last-modified', lastModified);
  if (start >= file.length && start > 0) {
    response.setHeader('content-range', `bytes */${file.length}`);
    response.writeHead(416).end();
    return;
  }
  if (start > 0) {
    response.setHeader('content-range', `bytes ${start}-${file.length - 1}/${file.length}`);
  }
  response.setHeader('content-length', file.length - start);
  response.writeHead(start > 0 ? 206 : 200);
  if (cutAt === undefined) {
    response.end(file.subarray(start));
    return;
  }
  response.write(file.subarray(start, Math.max(start, cutAt)));
  cutWhenStored(response, stored, cutAt);
}
