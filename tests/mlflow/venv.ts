/** A Python environment with MLflow, made once and kept. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const MLFLOW = '3.17.2';
const TIMEOUT_MS = 900_000;
const run = promisify(execFile);

/**
 * Folder of its programs. Packages come from where pip is configured to look.
 *
 * @throws if there is no Python with venv and pip, or a package cannot be had
 */
export async function mlflowPrograms(onNote: (note: string) => void): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const venv = join(cache, 'voxgrad', `mlflow-venv-${MLFLOW}`);
  const programs = join(venv, 'bin');
  const done = join(venv, 'installed');
  if (existsSync(done)) return programs;
  onNote(`installing mlflow ${MLFLOW} into ${venv}, once`);
  await rm(venv, { recursive: true, force: true });
  await mkdir(join(cache, 'voxgrad'), { recursive: true });
  await run('python3', ['-m', 'venv', venv], { timeout: TIMEOUT_MS }).catch((error: Error) => {
    throw new Error(`a Python with venv and pip is needed for this check: ${error.message}`);
  });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  await run(join(programs, 'python'), [...pip, `mlflow==${MLFLOW}`], { timeout: TIMEOUT_MS });
  await writeFile(done, '');
  return programs;
}
