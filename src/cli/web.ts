/** `voxgrad web`: the browser application, served to this machine. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { serveWeb } from '../node/web/serve_web.ts';
import { command, execute } from './command.ts';
import { type PageOptions, pageOptions, servePage } from './local_page.ts';
import { packageRoot } from './version.ts';

const EXAMPLE = 'voxgrad web';

const NOTES = `
Serves the application that segments scans, trains and shows the kernels in the browser. Scans stay in
the page: nothing is sent to this server, and the page may not reach any other. After the first load
it works without the server too. It is a folder of static files (dist/web) that any web server can serve.

If the port is taken, the nine after it are tried. Ctrl-C ends it. Other machines need https to use
their GPU: browsers offer WebGPU to a machine's own addresses and to secure pages only.`;

export function webCommand(): Command {
  return pageOptions(command('web', EXAMPLE), 5173)
    .addHelpText('after', NOTES)
    .action((options: PageOptions) =>
      execute(options, async (context) => {
        const { host, port } = options;
        const page = join(packageRoot(), 'dist', 'web');
        const server = await serveWeb({ page, host, port });
        const exposed = 'and load the application; without https their browsers do not offer a GPU';
        await servePage(server, options, context, exposed);
      }),
    );
}
