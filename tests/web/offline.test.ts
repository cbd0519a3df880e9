import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentPolicy } from '../../web/app/build/content_policy.ts';
import { serviceWorker } from '../../web/app/build/service_worker.ts';
import { chromiumPath, openChromium } from '../helpers/chromium.ts';
import { inTemporaryFolder } from '../helpers/cli.ts';
import { type StaticServer, serveFolder } from './static_server.ts';

const offline = fileURLToPath(new URL('../../web/app/offline.ts', import.meta.url));

const PAGE = '<!doctype html><title>page</title><script type="module" src="./main.ts"></script>';
const main = (version: string): string => `
import { registerOffline } from ${JSON.stringify(offline)};
document.body.dataset.version = ${JSON.stringify(version)};
registerOffline().then((state) => { document.body.dataset.offline = JSON.stringify(state); });
globalThis.later = () => import('./later.ts').then(({ text }) => text);
globalThis.ask = (url) => new Promise((resolve) => {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  worker.onmessage = ({ data }) => resolve(data);
  worker.postMessage(url);
});`;
const WORKER = `onmessage = ({ data }) => fetch(data, { mode: 'no-cors' }).then(
  () => postMessage('sent'), () => postMessage('refused'));`;

/** A page of the given version, built as the application is, in `folder`/host. */
async function buildPage(folder: string, version: string): Promise<string> {
  const root = join(folder, 'page');
  await mkdir(root, { recursive: true });
  await writeFile(join(root, 'index.html'), PAGE);
  await writeFile(join(root, 'main.ts'), main(version));
  await writeFile(join(root, 'later.ts'), `export const text = 'later ${version}';`);
  await writeFile(join(root, 'worker.ts'), WORKER);
  await build({
    configFile: false,
    root,
    base: './',
    logLevel: 'warn',
    plugins: [contentPolicy(), serviceWorker()],
    worker: { format: 'es' },
    build: { outDir: '../host', emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0 },
  });
  return join(folder, 'host');
}

const versionOf = (page: Page): Promise<string | undefined> =>
  page.evaluate(() => document.body.dataset.version);

async function offlineState(page: Page): Promise<unknown> {
  const state = await page.waitForFunction(() => document.body.dataset.offline);
  return JSON.parse((await state.jsonValue())!);
}

/** Waits until what the page is asked is so. */
const eventually = (page: Page, isSo: () => Promise<boolean>): Promise<void> =>
  expect.poll(() => page.evaluate(isSo), { timeout: 30_000 }).toBe(true);

const cacheNames = (page: Page): Promise<string[]> => page.evaluate(() => caches.keys());

describe.runIf(chromiumPath())('registerOffline', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openChromium({ drawing: 'webgl' });
  });
  afterAll(() => browser.close());

  /** Calls `use` with a page of version one in a fresh profile, on a plain host. */
  const withPage = (
    use: (page: Page, server: StaticServer, folder: string) => Promise<void>,
  ): Promise<void> =>
    inTemporaryFolder(async (folder) => {
      const server = await serveFolder(await buildPage(folder, 'one'));
      const context = await browser.newContext();
      try {
        const page = await context.newPage();
        await page.goto(server.url);
        await use(page, server, folder);
      } finally {
        await context.close();
        await server.stop();
      }
    });

  it('after one load, the page and what it loads later work without the server', () =>
    withPage(async (page, server) => {
      expect(await offlineState(page)).toEqual({ ready: true });
      await server.stop();
      expect(await page.evaluate('later()')).toBe('later one');
      await page.reload();
      expect(await versionOf(page)).toBe('one');
      expect(await page.evaluate('later()')).toBe('later one');
      await page.goto(`${server.url}index.html`);
      expect(await versionOf(page)).toBe('one');
    }));

  it('a new version is shown at the next load, and the files of the old one are removed', () =>
    withPage(async (page, server, folder) => {
      expect(await offlineState(page)).toEqual({ ready: true });
      const [old] = await cacheNames(page);
      await buildPage(folder, 'two');
      // The first load after the change still shows the old version, and fetches the new one.
      await page.reload();
      await eventually(page, async () => {
        const registration = await navigator.serviceWorker.getRegistration();
        const busy = registration?.installing ?? registration?.waiting;
        return !busy && (await caches.keys()).length === 2;
      });
      expect(await versionOf(page)).toBe('one');
      expect(await page.evaluate('later()')).toBe('later one');
      await page.reload();
      expect(await versionOf(page)).toBe('two');
      await server.stop();
      expect(await page.evaluate('later()')).toBe('later two');
      await eventually(page, async () => (await caches.keys()).length === 1);
      expect(await cacheNames(page)).not.toContain(old);
    }));

  it('a file that is not the one of the build is not kept, and the page says so', () =>
    inTemporaryFolder(async (folder) => {
      const host = await buildPage(folder, 'one');
      const script = join(host, 'service_worker.js');
      const changed = (await readFile(script, 'utf8')).replace('sha256-', 'sha256-0');
      await writeFile(script, changed);
      const server = await serveFolder(host);
      const context = await browser.newContext();
      try {
        const page = await context.newPage();
        await page.goto(server.url);
        expect(await offlineState(page)).toMatchObject({ ready: false });
        expect(await versionOf(page)).toBe('one');
        await rm(script);
        await page.reload();
        expect(await offlineState(page)).toMatchObject({ ready: false });
      } finally {
        await context.close();
        await server.stop();
      }
    }));

  it('binds workers to the policy too, where the host sends none', () =>
    withPage(async (page) => {
      expect(await offlineState(page)).toEqual({ ready: true });
      const other = await inTemporaryFolder((folder) => serveFolder(folder));
      try {
        await page.reload();
        const ask = `ask(${JSON.stringify(other.url)})`;
        expect(await page.evaluate(ask)).toBe('refused');
      } finally {
        await other.stop();
      }
    }));
});
