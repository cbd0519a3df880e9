/** Installs the peers' packages, which are no dependency of the project. */
import { spawn } from 'node:child_process';
import { type EngineSpec, isInstalled } from './engines.ts';

/** Without install scripts: onnxruntime-node's downloads a GPU library of some hundred megabytes. */
const COMMAND = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

/**
 * Runs `npm ci` in this folder if an engine lacks a package.
 *
 * @param say hears what happens, as it takes a while
 * @returns why it failed, or undefined; the engines that are there can run all the same
 */
export async function installPeers(
  specs: readonly EngineSpec[],
  say: (text: string) => void,
): Promise<string | undefined> {
  if (specs.every(isInstalled)) return undefined;
  const folder = import.meta.dirname;
  say(`installing the peers' packages (npm ${COMMAND.slice(0, 2).join(' ')} in ${folder})`);
  return new Promise((resolve) => {
    // On Windows npm is a script, which only a shell starts.
    const npm = spawn('npm', COMMAND, {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    });
    npm.once('error', (error) => resolve(error.message));
    npm.once('close', (code) => resolve(code === 0 ? undefined : `npm ends with code ${code}`));
  });
}
