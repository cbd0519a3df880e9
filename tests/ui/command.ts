/** `voxgrad ui` as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { SampleRuns } from './sample_runs.ts';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

export interface UiCommand {
  readonly url: string;
  /** Sends Ctrl-C; gives the exit code. */
  stop(): Promise<number | null>;
}

/** The address that the process prints as JSON. */
function printedUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (bytes: Buffer) => {
      text += bytes;
      const url = /"url": "([^"]+)"/.exec(text)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.on('close', (code) => reject(new Error(`voxgrad ui ended with exit code ${code}`)));
  });
}

/** Starts the command on a free port and waits until it serves. */
export async function startUi({ runs, data }: SampleRuns): Promise<UiCommand> {
  const args = ['ui', runs, '--data', data, '--port', '0', '--no-open', '--json'];
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = new Promise<number | null>((resolve) => {
    child.on('close', (code) => resolve(code));
  });
  return {
    url: await printedUrl(child),
    stop() {
      child.kill('SIGINT');
      return closed;
    },
  };
}
