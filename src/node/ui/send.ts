/** Answers of the page's server. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { HEADERS } from './guard.ts';

export function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...HEADERS, 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}

export function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { ...HEADERS, 'Content-Type': 'application/json' });
  response.end(JSON.stringify(value));
}

/** Sends a file from disk; a reader that goes away is no error. */
export async function sendFile(
  response: ServerResponse,
  path: string,
  contentType: string,
): Promise<void> {
  const { size } = await stat(path);
  response.writeHead(200, {
    ...HEADERS,
    'Content-Type': contentType,
    'Content-Length': size,
  });
  await pipeline(createReadStream(path), response).catch(() => response.destroy());
}
