/**
 * `npm run web-check [-- DATA] [--screenshot]`: the built application in Chromium, with real scans of
 * DATA, and what can be checked without them.
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openChromium } from '../helpers/chromium.ts';
import { serveCommand } from '../helpers/served_command.ts';
import { builtApp } from './built_app.ts';
import { accessibility } from './checks/accessibility.ts';
import { agreement } from './checks/agreement.ts';
import type { Check } from './checks/context.ts';
import { largeVolume } from './checks/large_volume.ts';
import { bestPractices } from './checks/practices.ts';
import { training } from './checks/training.ts';
import { App } from './driver.ts';

const CHECKS: readonly Check[] = [
  agreement,
  training,
  largeVolume,
  ...bestPractices,
  ...accessibility,
];
/** Milliseconds for anything in a page: a training on a loaded machine without a GPU. */
const PATIENCE = 600_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { screenshot: { type: 'boolean', default: false }, only: { type: 'string' } },
});
const [data] = positionals;
if (data !== undefined && !existsSync(data)) throw new Error(`web-check: there is no ${data}`);

await builtApp();
const server = await serveCommand('web', []);
const origin = new URL(server.url).origin;
let [passed, failed, requests] = [0, 0, 0];
const foreign: string[] = [];

function tell(name: string, problem: string | undefined, seconds: number): void {
  console.log(`${problem === undefined ? 'PASS' : 'FAIL'} ${name} (${seconds.toFixed(0)} s)`);
  if (problem === undefined) passed++;
  else {
    failed++;
    console.log(`  ${problem}`);
  }
}

/** In a browser of its own, so that its processes' memory is the check's. */
async function run(check: Check): Promise<void> {
  const started = performance.now();
  const browser = await openChromium({ drawing: 'both' });
  const apps: App[] = [];
  let problem: string | undefined;
  try {
    await check.run({
      browser,
      url: server.url,
      data,
      screenshot: values.screenshot,
      say: (line) => console.log(`  ${line}`),
      open: async (options) => {
        const app = await App.open(browser, server.url, { timeout: PATIENCE, ...options });
        apps.push(app);
        return app;
      },
    });
    problem = apps.flatMap(({ record }) => record.complaints)[0];
  } catch (error) {
    const complaints = apps.flatMap(({ record }) => record.complaints);
    problem = [(error as Error).message, ...complaints].join('\n  ');
  } finally {
    await browser.close();
  }
  for (const { record } of apps) {
    requests += record.requests.length;
    foreign.push(...record.foreign(origin));
  }
  tell(check.name, problem, (performance.now() - started) / 1000);
}

for (const check of CHECKS) {
  if (!check.name.includes(values.only ?? '')) continue;
  if (check.needsData && data === undefined) console.log(`left out without scans: ${check.name}`);
  else await run(check);
}
console.log(`  ${requests} requests in all, ${foreign.length} of them to other origins`);
tell('nothing left the machine', foreign.length > 0 ? foreign.join(', ') : undefined, 0);
const code = await server.stop();
tell('Ctrl-C ends the server', code === 0 ? undefined : `exit code ${code}`, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
