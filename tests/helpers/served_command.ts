/** A command of voxgrad that serves a page, as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

export interface ServedCommand {
  readonly url: string;
  /** Sends Ctrl-C; gives the exit code. */
  stop(): Promise<number | null>;
}

/** The address that the process prints as JSON. */
function printedUrl(child: ChildProcess, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (bytes: Buffer) => {
      text += bytes;
      const url = /"url": ?"([^"]+)"/.exec(text)?.[1];
      if (url !== undefined) resolve(url);
    });
    let said = '';
    child.stderr?.on('data', (bytes: Buffer) => {
      said += bytes;
    });
    child.on('close', (code) =>
      reject(new Error(`voxgrad ${name} ended with exit code ${code}.\n${said}`)),
    );
  });
}

/**
 * Starts `voxgrad NAME ARGS...` on a free port and waits until it serves.
 *
 * @param program what Node runs: these sources by default
 */
export async function serveCommand(
  name: string,
  args: readonly string[],
  program: readonly string[] = ['--import', 'tsx', main],
): Promise<ServedCommand> {
  const command = [...program, name, ...args, '--port', '0', '--no-open', '--json'];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = new Promise<number | null>((resolve) => {
    child.on('close', (code) => resolve(code));
  });
  return {
    url: await printedUrl(child, name),
    stop() {
      child.kill('SIGINT');
      return closed;
    },
  };
}
