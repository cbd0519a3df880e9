/** `npm run package-check`: the package as npm would publish it, in a project outside this one. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openChromium } from '../helpers/chromium.ts';
import { CHECKS } from './checks.ts';
import { buildIfOld, packInto } from './packed.ts';

const temporary = await mkdtemp(join(tmpdir(), 'voxgrad-package-'));
const lines: string[] = [];
let [passed, failed] = [0, 0];
try {
  await buildIfOld();
  const packed = await packInto(temporary);
  const folder = join(temporary, 'project');
  await mkdir(folder);
  const browser = await openChromium({ drawing: 'compute' });
  const context = { packed, folder, browser, report: (line: string) => void lines.push(line) };
  for (const [name, check] of Object.entries(CHECKS)) {
    const started = performance.now();
    let problem: unknown;
    try {
      await check(context);
    } catch (error) {
      problem = error;
    }
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${problem === undefined ? 'PASS' : 'FAIL'} ${name} (${seconds} s)`);
    if (problem === undefined) passed++;
    else {
      failed++;
      console.log(`  ${problem instanceof Error ? problem.message : String(problem)}`);
    }
  }
  await browser.close();
} finally {
  await rm(temporary, { recursive: true, force: true });
}
for (const line of lines) console.log(line);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
