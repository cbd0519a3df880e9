/** Answers of a page's server; `startPageServer` has set the headers of every answer. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';

export function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}

export function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(value));
}

/** Sends a file from disk; a reader that goes away is no error. */
export async function sendFile(
  response: ServerResponse,
  path: string,
  contentType: string,
): Promise<void> {
  const { size } = await stat(path);
  response.writeHead(200, { 'Content-Type': contentType, 'Content-Length': size });
  await pipeline(createReadStream(path), response).catch(() => response.destroy());
}
