import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ConfigError } from '../../../src/errors.ts';
import { CONTENT_POLICY } from '../../../src/node/web/content_policy.ts';
import { serveWeb } from '../../../src/node/web/serve_web.ts';
import { CONTENT_POLICY as POLICY_OF_PAGE } from '../../../web/app/build/content_policy.ts';
import { inTemporaryFolder } from '../../helpers/cli.ts';

const FILES: Readonly<Record<string, readonly [text: string, type: string]>> = {
  '/index.html': ['<!doctype html>', 'text/html; charset=utf-8'],
  '/lab.html': ['<!doctype html><p>', 'text/html; charset=utf-8'],
  '/assets/worker.js': ['export {};', 'text/javascript; charset=utf-8'],
  '/assets/dcm2niix.wasm': ['\0asm', 'application/wasm'],
  '/models/demo.safetensors': ['weights', 'application/octet-stream'],
};

/** A folder that is laid out as the built application. */
async function writePage(folder: string): Promise<string> {
  const page = join(folder, 'page');
  for (const [path, [text]] of Object.entries(FILES)) {
    await mkdir(join(page, path, '..'), { recursive: true });
    await writeFile(join(page, path), text);
  }
  await writeFile(join(folder, 'secret.js'), 'secret');
  return page;
}

it('serves every built file with its type, under a policy that allows no other origin', () =>
  inTemporaryFolder(async (folder) => {
    const server = await serveWeb({ page: await writePage(folder), port: 0 });
    try {
      for (const [path, [text, type]] of Object.entries(FILES)) {
        const answer = await fetch(new URL(path, server.url));
        expect(await answer.text(), path).toBe(text);
        expect(answer.headers.get('content-type'), path).toBe(type);
        // Worker scripts are ruled by the policy that comes with them, not by the page's.
        const policy = answer.headers.get('content-security-policy');
        expect(policy, path).toContain("default-src 'none'");
        expect(policy, path).not.toMatch(/https?:|\*/);
        expect(answer.headers.get('cross-origin-opener-policy'), path).toBe('same-origin');
        expect(answer.headers.get('cross-origin-embedder-policy'), path).toBe('require-corp');
        expect(answer.headers.get('x-content-type-options'), path).toBe('nosniff');
        expect(answer.headers.get('referrer-policy'), path).toBe('no-referrer');
      }
      expect(await (await fetch(server.url)).text()).toBe('<!doctype html>');
      for (const path of ['/secret.js', '/..%2fsecret.js', '/assets', '/none.html']) {
        expect((await fetch(new URL(path, server.url))).status, path).toBe(404);
      }
      const sent = await fetch(server.url, { method: 'POST', body: 'a scan' });
      expect(sent.status).toBe(405);
    } finally {
      await server.close();
    }
  }));

it('the page carries the policy that the server sends', () => {
  expect(POLICY_OF_PAGE).toBe(CONTENT_POLICY);
});

it('takes the next port where one is taken, and says so where all are', () =>
  inTemporaryFolder(async (folder) => {
    const page = await writePage(folder);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    try {
      const next = await serveWeb({ page, port });
      expect(next.port).toBeGreaterThan(port);
      await next.close();
      await expect(serveWeb({ page, port, attempts: 1 })).rejects.toThrow(`serveWeb: no port`);
    } finally {
      other.close();
    }
  }));

it('an application that is not built is an error that says how to build it', () =>
  inTemporaryFolder(async (folder) => {
    await expect(serveWeb({ page: folder, port: 0 })).rejects.toThrow(ConfigError);
    await expect(serveWeb({ page: folder, port: 0 })).rejects.toThrow('npm run build');
  }));
