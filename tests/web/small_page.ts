/** One script of the application on a page of its own, built as the application is, in a Chromium. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { build } from 'vite';
import { contentPolicy } from '../../web/app/build/content_policy.ts';
import { openChromium, type PageRecord, recordContext } from '../helpers/chromium.ts';
import { serveFolder } from './static_server.ts';

export interface SmallPage {
  /** Address of the page. */
  readonly url: string;
  readonly browser: Browser;
  /** Opens it in a context of its own. */
  open(options?: BrowserContextOptions): Promise<{ page: Page; record: PageRecord }>;
  close(): Promise<void>;
}

/** @param script TypeScript module; it imports by absolute paths. @param body of the page */
export async function buildSmallPage(script: string, body = ''): Promise<SmallPage> {
  const folder = await mkdtemp(join(tmpdir(), 'voxgrad-page-'));
  const root = join(folder, 'page');
  await mkdir(root);
  await writeFile(
    join(root, 'index.html'),
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>page</title><meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"><script type="module" src="./main.ts"></script></head><body>${body}</body></html>`,
  );
  await writeFile(join(root, 'main.ts'), script);
  await build({
    configFile: false,
    root,
    base: './',
    logLevel: 'error',
    plugins: [contentPolicy()],
    worker: { format: 'es' },
    build: {
      outDir: '../host',
      target: 'es2022',
      assetsInlineLimit: 0,
      emptyOutDir: true,
      chunkSizeWarningLimit: 4000,
    },
  });
  const server = await serveFolder(join(folder, 'host'));
  const browser = await openChromium({ drawing: 'webgl' });
  return {
    url: server.url,
    browser,
    async open(options = {}) {
      const context = await browser.newContext(options);
      const record = recordContext(context);
      const page = await context.newPage();
      await page.goto(server.url);
      return { page, record };
    },
    async close() {
      await browser.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
