/** `npm run bench:peers`: other engines on the same network, as the table that the README shows. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { type Context, execute } from '../../src/cli/command.ts';
import { positiveInteger, triple } from '../../src/cli/option_values.ts';
import type { CommonOptions } from '../../src/cli/terminal.ts';
import type { Triple } from '../../src/shape.ts';
import { chosenEngines, engineSpecs } from './engines.ts';
import { installPeers } from './install.ts';
import type { PeersReport } from './report.ts';
import { runPeers } from './run.ts';
import { reportMarkdown } from './table.ts';

interface Options extends CommonOptions {
  readonly sizes?: Triple[];
  readonly only?: string[];
  readonly quick?: boolean;
  readonly python: string;
  readonly threads: number;
  readonly timeout: number;
  readonly save?: string;
}

const SIZES: readonly Triple[] = [
  [32, 32, 32],
  [64, 64, 64],
  [128, 128, 64],
];

const ROUNDS = { minRounds: 3, maxRounds: 10, budgetMs: 60_000, pauseMs: 200 };
const QUICK = { minRounds: 1, maxRounds: 1, budgetMs: 0, pauseMs: 50 };

const EXAMPLE = `
Example:
  npm run bench:peers                                  # the table; about a quarter of an hour
  npm run bench:peers -- --quick --sizes 32            # does everything run?
  npm run bench:peers -- --only tfjs,ort-wasm --sizes 32,64
  npm run bench:peers -- --python venv/bin/python --save peers.json`;

function sizes(text: string): Triple[] {
  return text.split(',').map((part) => {
    const size = triple(part);
    if (size.every((voxels) => voxels >= 16 && voxels % 16 === 0)) return size;
    throw new InvalidArgumentError('Not multiples of 16, such as 64 or 128x128x64.');
  });
}

async function main(options: Options, { terminal, signal }: Context): Promise<void> {
  const specs = chosenEngines(engineSpecs(options.python), options.only);
  const failure = await installPeers(specs, (text) => terminal.log(text));
  if (failure !== undefined) terminal.warn(`not all peers could be installed: ${failure}`);
  const folder = await mkdtemp(join(tmpdir(), 'voxgrad-peers-'));
  let report: PeersReport;
  try {
    const found = await runPeers(specs, {
      ...(options.quick ? QUICK : ROUNDS),
      folder,
      sizes: options.sizes ?? (options.quick ? SIZES.slice(0, 1) : SIZES),
      threads: options.threads,
      timeoutSeconds: options.timeout,
      signal,
      note: (text) => terminal.log(text),
    });
    const command = ['npm run bench:peers', ...process.argv.slice(2)].join(' ');
    report = {
      date: new Date().toISOString(),
      command: command.replace('peers ', 'peers -- '),
      ...found,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  terminal.result(report, reportMarkdown(report));
  const own = report.cells.filter(({ engine }) => engine === 'voxgrad');
  if (own.some(({ error, right }) => error !== undefined || right === false)) process.exitCode = 1;
  if (options.save) {
    await mkdir(dirname(options.save), { recursive: true });
    await writeFile(options.save, `${JSON.stringify(report, null, 2)}\n`);
    terminal.log(`saved ${options.save}`);
  }
}

await new Command('npm run bench:peers --')
  .description("times other engines on voxgrad's network, weights and inputs, in turns")
  .option('--sizes <list>', 'patches (32,64,128x128x64)', sizes)
  .option('--only <names>', 'these engines besides voxgrad', (text) => text.split(','))
  .option('--quick', 'one run each: to see that it works')
  .option('--python <path>', 'a Python 3 with torch', 'python3')
  .option(
    '--threads <n>',
    'of engines on the CPU',
    positiveInteger,
    Math.min(2, availableParallelism()),
  )
  .option('--timeout <s>', 'for one request, compiling included', positiveInteger, 600)
  .option('--save <file>', 'write the report')
  .option('--json', 'the report on stdout instead of Markdown')
  .option('--verbose', 'show where an error came from')
  .addHelpText('after', EXAMPLE)
  .action((options: Options) => execute(options, (context) => main(options, context)))
  .parseAsync();
