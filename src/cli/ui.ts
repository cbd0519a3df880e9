/** `voxgrad ui`: runs, curves, figures and scans in a browser on this machine. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Command } from 'commander';
import { serveUi } from '../node/ui/serve_ui.ts';
import { type Context, command, execute } from './command.ts';
import { count } from './option_values.ts';
import type { CommonOptions } from './terminal.ts';
import { packageRoot } from './version.ts';

interface UiOptions extends CommonOptions {
  readonly port: number;
  readonly host: string;
  readonly open: boolean;
  readonly data?: string;
  readonly predictions?: string;
}

const EXAMPLE = `voxgrad ui
voxgrad ui runs --data Task04_Hippocampus --predictions predictions/hippocampus`;

const NOTES = `
Shows the runs below DIR: select several to compare their curves and settings; a run that is training
draws its curves as it goes. A run's page has its figures, its evaluation, and its scans with ground
truth and prediction, the worst case first. The data set is the one that the run was trained on,
predictions are those in RUN/predictions, unless other folders are passed.

Nothing leaves the machine, and nothing is changed: the page loads only from this server, which
answers reading requests for files of runs and their data. If the port is taken, the nine after it are
tried. Ctrl-C ends it.`;

export function uiCommand(): Command {
  return command('ui', EXAMPLE)
    .argument('[dir]', 'folder to search for runs', 'runs')
    .option('--port <n>', 'first port to try; 0 takes any free one', count, 5001)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--no-open', 'do not open a browser')
    .option('--data <dir>', "task folder of the scans (default: each run's own)")
    .option('--predictions <dir>', 'predictions of runs that hold none')
    .addHelpText('after', NOTES)
    .action((dir: string, options: UiOptions) =>
      execute(options, (context) => ui(dir, options, context)),
    );
}

async function ui(dir: string, options: UiOptions, { terminal, signal }: Context): Promise<void> {
  const { port, host, data, predictions } = options;
  const server = await serveUi({
    root: dir,
    page: join(packageRoot(), 'dist', 'ui'),
    port,
    host,
    ...(data === undefined ? {} : { data }),
    ...(predictions === undefined ? {} : { predictions }),
  });
  if (!['127.0.0.1', '::1', 'localhost'].includes(host)) {
    terminal.warn(`other machines can reach ${server.url} and see the runs and their scans`);
  }
  terminal.result({ url: server.url, port: server.port }, server.url);
  terminal.log('Ctrl-C ends it');
  if (options.open && !terminal.json) openBrowser(server.url);
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
