import { execFile, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What commands remember between runs stays with this process. */
const cache = join(tmpdir(), `voxgrad-test-cache-${process.pid}`);
process.on('exit', () => rmSync(cache, { recursive: true, force: true }));
const environment = (): NodeJS.ProcessEnv => ({
  // Mesa's compiled shaders stay where they are: to compile them again takes a minute.
  MESA_SHADER_CACHE_DIR: process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  ...process.env,
  XDG_CACHE_HOME: cache,
});

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `voxgrad ...args` in a process of its own, as a user would run it. */
export function runCli(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<CliResult> {
  const command = ['--import', 'tsx', join(root, 'src/cli/main.ts'), ...args];
  return new Promise((resolve) => {
    const options = { cwd: root, env: { ...environment(), ...env }, maxBuffer: 2 ** 26 };
    execFile(process.execPath, command, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
  });
}

/** As `runCli`, and sends Ctrl-C as soon as stderr matches. */
export function interruptCli(
  args: readonly string[],
  when: RegExp,
  env: NodeJS.ProcessEnv = {},
): Promise<CliResult> {
  const command = ['--import', 'tsx', join(root, 'src/cli/main.ts'), ...args];
  const child = spawn(process.execPath, command, { cwd: root, env: { ...environment(), ...env } });
  let [stdout, stderr] = ['', ''];
  let interrupted = false;
  child.stdout.on('data', (bytes: Buffer) => {
    stdout += bytes;
  });
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes;
    if (interrupted || !when.test(stderr)) return;
    interrupted = true;
    child.kill('SIGINT');
  });
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
}

/** Calls `use` with an empty folder that is gone afterwards. */
export async function inTemporaryFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'voxgrad-test-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
