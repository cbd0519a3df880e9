/**
 * `npm run golden:web -- DIR`: every case of DIR/manifest.json in the kernel lab, in a real Chromium, by
 * the handlers of `npm run golden`. The page is the built one, served by `voxgrad web`.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { openChromium, recordContext } from '../helpers/chromium.ts';
import { serveCommand } from '../helpers/served_command.ts';
import { builtApp } from '../web/built_app.ts';

const SECONDS = 900;

/** Prints what the page prints, until it is done; gives its last line. */
async function follow(page: Page): Promise<string> {
  const result = page.getByTestId('kernel-check-result');
  let printed = 0;
  for (const end = Date.now() + 1000 * SECONDS; Date.now() < end; ) {
    const state = await result.getAttribute('data-state');
    const text = (await result.textContent()) ?? '';
    const lines = text.split('\n').slice(0, -1);
    for (const line of lines.slice(printed)) console.log(line);
    printed = lines.length;
    if (state !== 'busy' && printed > 0) return lines.at(-1)!;
    await page.waitForTimeout(250);
  }
  throw new Error(`golden:web: the page did not finish within ${SECONDS} s`);
}

async function main(): Promise<void> {
  const { positionals } = parseArgs({ allowPositionals: true });
  const [folder] = positionals;
  if (positionals.length !== 1 || folder === undefined) {
    throw new Error('usage: npm run golden:web -- DIR');
  }
  const dir = resolve(folder);
  if (!existsSync(join(dir, 'manifest.json'))) throw new Error(`${dir} has no manifest.json`);
  await builtApp();
  const server = await serveCommand('web', []);
  const browser = await openChromium({ drawing: 'compute' });
  try {
    const context = await browser.newContext();
    const record = recordContext(context);
    const page = await context.newPage();
    await page.goto(new URL('lab.html', server.url).href);
    await page.getByTestId('golden-input').setInputFiles(dir);
    const last = await follow(page);
    const foreign = record.foreign(new URL(server.url).origin);
    for (const problem of [...record.complaints, ...foreign]) console.error(problem);
    const [, passed, failed] = /^(\d+) passed, (\d+) failed$/.exec(last) ?? [];
    const isClean = record.complaints.length + foreign.length === 0;
    if (failed !== '0' || passed === '0' || !isClean) process.exitCode = 1;
  } finally {
    await browser.close();
    await server.stop();
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
