/** What the commands that serve a page share: its options, its address, and its end. */
import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import type { PageServer } from '../node/local_server/page_server.ts';
import type { Context } from './command.ts';
import { count } from './option_values.ts';
import type { CommonOptions } from './terminal.ts';

export interface PageOptions extends CommonOptions {
  readonly port: number;
  readonly host: string;
  readonly open: boolean;
}

export const pageOptions = (command: Command, port: number): Command =>
  command
    .option('--port <n>', 'first port to try; 0 takes any free one', count, port)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--no-open', 'do not open a browser');

/** Prints the address, opens it, and serves until Ctrl-C; `exposed` says what other machines get. */
export async function servePage(
  server: PageServer,
  { host, open }: PageOptions,
  { terminal, signal }: Context,
  exposed: string,
): Promise<void> {
  if (!['127.0.0.1', '::1', 'localhost'].includes(host)) {
    terminal.warn(`other machines can reach ${server.url} ${exposed}`);
  }
  terminal.result({ url: server.url, port: server.port }, server.url);
  terminal.log('Ctrl-C ends it');
  if (open && !terminal.json) openBrowser(server.url);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await server.close();
}

/** Asks the desktop for its browser; where there is none, the printed address is enough. */
function openBrowser(url: string): void {
  const [program, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '', url]
        : ['xdg-open', url];
  const child = spawn(program!, args, { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}
