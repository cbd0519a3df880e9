/**
 * `npm run nifti-corpus -- DIR`: every file of DIR/manifest.json through the public reader.
 * `PASS|FAIL name reason` per case, then the totals; exit code 1 if any failed.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { judge, type Outcome } from './judge.ts';
import { type CorpusEntry, readCorpus } from './manifest.ts';

/** A reader that has grown past this is replaced, so that the next case is not charged for it. */
const REPLACE_BYTES = 250e6;
/** Far beyond the limit on a case's time: for files that never let go. */
const HANG_MS = 30_000;

let child: ChildProcess | undefined;

function reader(): ChildProcess {
  // serialization: JSON would turn NaN and infinities into null.
  child ??= fork(fileURLToPath(new URL('./reader.ts', import.meta.url)), {
    serialization: 'advanced',
  });
  return child;
}

function stopReader(): void {
  child?.removeAllListeners();
  child?.kill('SIGKILL');
  child = undefined;
}

function outcomeOf(dir: string, entry: CorpusEntry): Promise<Outcome> {
  return new Promise((settle) => {
    const broken = (message: string) => {
      clearTimeout(timer);
      stopReader();
      settle({ milliseconds: 0, peakBytes: 0, error: { message, clear: false } });
    };
    const timer = setTimeout(() => broken(`no answer within ${HANG_MS} ms`), HANG_MS);
    const process = reader();
    process.once('exit', (code, signal) => broken(`the reader ended: ${signal ?? code}`));
    process.once('message', (outcome: Outcome) => {
      clearTimeout(timer);
      process.removeAllListeners();
      if (outcome.peakBytes > REPLACE_BYTES) stopReader();
      settle(outcome);
    });
    process.send({ dir, entry });
  });
}

async function main(): Promise<void> {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) {
    console.error('usage: npm run nifti-corpus -- DIR');
    process.exit(2);
  }
  const dir = resolve(folder);
  let passed = 0;
  let failed = 0;
  for (const entry of readCorpus(dir)) {
    const outcome = await outcomeOf(dir, entry);
    const problems = judge(entry, outcome);
    const cost = `${Math.round(outcome.milliseconds)} ms, ${Math.round(outcome.peakBytes / 1e6)} MB`;
    const result = outcome.error ? `refused: ${outcome.error.message}` : 'read';
    const reason = problems.length ? problems.join('; ') : `${result} (${cost})`;
    console.log(`${problems.length ? 'FAIL' : 'PASS'} ${entry.file} ${reason}`);
    if (problems.length) failed++;
    else passed++;
  }
  stopReader();
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed ? 1 : 0;
}

await main();
