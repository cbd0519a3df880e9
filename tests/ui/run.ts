/** `npm run ui-check [-- --pictures DIR]`: the page of `voxgrad ui` in a real browser. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openChromium } from '../helpers/chromium.ts';
import { CHECKS } from './checks.ts';
import { startUi } from './command.ts';
import { writeSampleRuns } from './sample_runs.ts';

const { values } = parseArgs({ options: { pictures: { type: 'string' } } });
const { pictures } = values;
if (pictures !== undefined) await mkdir(pictures, { recursive: true });

const folder = await mkdtemp(join(tmpdir(), 'voxgrad-ui-'));
let [passed, failed] = [0, 0];
try {
  const browser = await openChromium({ drawing: 'webgl' });
  const sample = await writeSampleRuns(folder);
  const server = await startUi(sample);
  for (const [name, check] of Object.entries(CHECKS)) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const tab = await context.newPage();
    tab.setDefaultTimeout(30_000);
    // What the policy blocks, what throws, and what would go to another server.
    const complaints: string[] = [];
    tab.on('pageerror', ({ message }) => complaints.push(message));
    tab.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    tab.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(server.url) && !/^(data|blob):/.test(url)) complaints.push(url);
    });
    const started = performance.now();
    let problem: string | undefined;
    try {
      await check({
        page: tab,
        url: server.url,
        sample,
        picture: async (title) => {
          if (pictures === undefined) return;
          await tab.screenshot({ path: join(pictures, `${title}.png`), fullPage: true });
        },
      });
      problem = complaints[0];
    } catch (error) {
      problem = [(error as Error).message, ...complaints].join('\n  ');
    }
    await context.close();
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${problem === undefined ? 'PASS' : 'FAIL'} ${name} (${seconds} s)`);
    if (problem === undefined) passed++;
    else {
      failed++;
      console.log(`  ${problem}`);
    }
  }
  await browser.close();
  const code = await server.stop();
  if (code === 0) passed++;
  else failed++;
  console.log(`${code === 0 ? 'PASS' : 'FAIL'} Ctrl-C ends the server (exit code ${code})`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
