/**
 * `npm run resume-check -- --data DIR [--kills 10] [--chained 3] [--seed 0] [-- flags of voxgrad train]`:
 * a training killed with `kill -9` at random moments ends in the model of one that was left alone.
 * `PASS|FAIL name story` per run, then the totals; exit code 1 if any failed.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { killAndResume } from './kill_and_resume.ts';

const SMALL = [
  ...['--channels', '4,8,16', '--patch-size', '24', '--samples-per-volume', '2'],
  ...['--epochs', '4', '--checkpoint-seconds', '1'],
];

const { values, positionals } = parseArgs({
  options: {
    data: { type: 'string' },
    kills: { type: 'string', default: '10' },
    chained: { type: 'string', default: '3' },
    seed: { type: 'string', default: '0' },
  },
  allowPositionals: true,
});
if (values.data === undefined) throw new Error('resume-check: pass --data DIR, a task folder');

const folder = await mkdtemp(join(tmpdir(), 'voxgrad-resume-'));
try {
  const results = await killAndResume({
    data: values.data,
    folder,
    kills: Number(values.kills),
    chained: Number(values.chained),
    seed: Number(values.seed),
    flags: positionals.length > 0 ? positionals : SMALL,
    onResult: ({ name, passed, story }) => {
      process.stdout.write(`${passed ? 'PASS' : 'FAIL'} ${name.padEnd(16)} ${story}\n`);
    },
  });
  const failed = results.filter(({ passed }) => !passed).length;
  process.stdout.write(`${results.length - failed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
