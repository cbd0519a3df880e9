/** `voxgrad ui`: runs, curves, figures and scans in a browser on this machine. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { serveUi } from '../node/ui/serve_ui.ts';
import { type Context, command, execute } from './command.ts';
import { type PageOptions, pageOptions, servePage } from './local_page.ts';
import { packageRoot } from './version.ts';

interface UiOptions extends PageOptions {
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
  return pageOptions(command('ui', EXAMPLE), 5001)
    .argument('[dir]', 'folder to search for runs', 'runs')
    .option('--data <dir>', "task folder of the scans (default: each run's own)")
    .option('--predictions <dir>', 'predictions of runs that hold none')
    .addHelpText('after', NOTES)
    .action((dir: string, options: UiOptions) =>
      execute(options, (context) => ui(dir, options, context)),
    );
}

async function ui(dir: string, options: UiOptions, context: Context): Promise<void> {
  const { port, host, data, predictions } = options;
  const server = await serveUi({
    root: dir,
    page: join(packageRoot(), 'dist', 'ui'),
    port,
    host,
    ...(data === undefined ? {} : { data }),
    ...(predictions === undefined ? {} : { predictions }),
  });
  await servePage(server, options, context, 'and see the runs and their scans');
}
