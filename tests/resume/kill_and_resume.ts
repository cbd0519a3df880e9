/** Trains in child processes, kills them, resumes, and compares the models byte by byte. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readEarlierRun } from '../../src/node/earlier_run.ts';
import { Rng } from '../../src/rng.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface KillOptions {
  readonly data: string;
  /** An empty folder for all runs and for the kernels that were measured. */
  readonly folder: string;
  /** Moments to kill a run at, each its own run. */
  readonly kills: number;
  /** Another run is killed this often on its way. Default 0. */
  readonly chained?: number;
  readonly seed: number;
  /** What is trained: flags of `voxgrad train`. */
  readonly flags: readonly string[];
  readonly onResult?: (result: KillResult) => void;
}

export interface KillResult {
  readonly name: string;
  readonly passed: boolean;
  /** What was there after each kill, or what went wrong. */
  readonly story: string;
}

interface Ended {
  readonly code: number | null;
  readonly seconds: number;
  readonly stderr: string;
}

/** Runs `voxgrad train`, for this long if not to its end. */
function train(options: KillOptions, out: string, flags: string[], kill?: number): Promise<Ended> {
  const started = performance.now();
  const command = ['--import', 'tsx', join(root, 'src/cli/main.ts'), 'train'];
  const child = spawn(
    process.execPath,
    [...command, '--data', options.data, '--out', out, ...flags],
    {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        // Compiled shaders stay where they are; measured kernels are those of the first run.
        MESA_SHADER_CACHE_DIR: process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
        ...process.env,
        XDG_CACHE_HOME: join(options.folder, 'cache'),
      },
    },
  );
  let stderr = '';
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes;
  });
  const timer =
    kill === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), 1000 * kill);
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, seconds: (performance.now() - started) / 1000, stderr });
    });
  });
}

const digest = async (out: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(join(out, 'model.safetensors')))
    .digest('hex');

/** How far a killed run has come. */
async function progress(out: string): Promise<string> {
  const run = await readEarlierRun(out);
  if (run.kind !== 'interrupted') return run.kind === 'none' ? 'nothing written' : 'complete';
  if (!run.state) return run.kernels ? 'kernels, no checkpoint' : 'settings only';
  const { steps, epochs, totalSteps } = run.state.history;
  const within = steps.length === (epochs.at(-1)?.steps ?? 0) ? '' : ', within an epoch';
  return `${steps.length} of ${totalSteps} steps${within}`;
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

/** One result per run that was killed; the first run is never killed, and what the others must equal. */
export async function killAndResume(options: KillOptions): Promise<KillResult[]> {
  const { folder, kills, chained = 0, seed, flags, onResult } = options;
  const results: KillResult[] = [];
  const report = (result: KillResult): void => {
    results.push(result);
    onResult?.(result);
  };
  const straight = join(folder, 'straight');
  const whole = await train(options, straight, [...flags]);
  if (whole.code !== 0) {
    report({ name: 'uninterrupted', passed: false, story: lastLine(whole.stderr) });
    return results;
  }
  const expected = await digest(straight);
  const rng = Rng.seed(seed);
  const check = async (name: string, moments: readonly number[]): Promise<void> => {
    const out = join(folder, name);
    const story: string[] = [];
    for (let [n, moment] of moments.entries()) {
      const again = n === 0 ? [] : ['--resume'];
      let ended = await train(options, out, [...flags, ...again], moment);
      // Too fast: what is complete cannot be killed, so that the moment is drawn again.
      while (ended.code === 0 && n === 0) {
        moment = rng.range(0, 0.8 * ended.seconds);
        ended = await train(options, out, [...flags, '--overwrite'], moment);
      }
      story.push(`killed after ${moment.toFixed(1)} s: ${await progress(out)}`);
    }
    const end = await train(options, out, [...flags, '--resume']);
    const model = end.code === 0 ? await digest(out) : `exit ${end.code}: ${lastLine(end.stderr)}`;
    if (model !== expected) story.push(model);
    report({ name, passed: model === expected, story: story.join('; ') });
  };
  for (let n = 0; n < kills; n++) await check(`kill-${n}`, [rng.range(0, whole.seconds)]);
  if (chained > 0) {
    // Each process trains a while before it dies, or else there is little to resume.
    const moments = Array.from({ length: chained }, () => whole.seconds * rng.range(0.2, 0.6));
    await check(`killed-${chained}-times`, moments);
  }
  return results;
}
