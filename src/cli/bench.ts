/** `voxgrad bench`: kernels and whole network against this adapter's measured ceilings. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { casesOf, cubicCases, selectCases } from '../../bench/cases.ts';
import { compareReports } from '../../bench/compare.ts';
import { deviceName, failures, type Report } from '../../bench/report.ts';
import { runBench } from '../../bench/run.ts';
import { readReport } from '../../bench/saved_report.ts';
import { comparisonText, reportText } from '../../bench/table.ts';
import { openGpu, readJsonFile } from '../node.ts';
import type { Triple } from '../shape.ts';
import { type Context, command, execute } from './command.ts';
import { integers, triple } from './option_values.ts';
import { startProgress } from './progress.ts';
import type { CommonOptions } from './terminal.ts';
import { packageRoot, packageVersion } from './version.ts';

interface BenchOptions extends CommonOptions {
  readonly ops?: boolean;
  readonly network?: boolean;
  readonly variant: string[];
  readonly patch?: Triple;
  readonly size?: Triple[];
  readonly batch?: number[];
  readonly quick?: boolean;
  readonly save?: true | string;
  readonly compare?: string;
}

const PATCH: Triple = [128, 128, 64];
const SMALL: Triple = [32, 32, 32];
const SIZES: readonly Triple[] = [SMALL, [64, 64, 64], PATCH];

const EXAMPLE = [
  'voxgrad bench                                     # everything, with progress on stderr',
  'voxgrad bench --quick                             # does it work? A minute or two',
  'voxgrad bench conv3d enc0 forward --variant naive,shipped',
  'voxgrad bench --network --size 64,128x128x64 --batch 1 --json',
  'voxgrad bench conv3d --save before.json           # then change a kernel, and',
  'voxgrad bench conv3d --compare before.json',
].join('\n');

/** `32,128x128x64`: patches, each a number for a cube or one per axis. */
const patches = (text: string): Triple[] => text.split(',').map((part) => patch(part));

function patch(text: string): Triple {
  const size = triple(text);
  if (size.every((voxels) => Number.isInteger(voxels) && voxels >= 16 && voxels % 16 === 0)) {
    return size;
  }
  throw new InvalidArgumentError('Not multiples of 16, such as 64 or 128x128x64.');
}

export function benchCommand(): Command {
  return command('bench', EXAMPLE)
    .argument('[names...]', 'only these ops, passes and layers; without --network no network')
    .option('--ops', 'only the ops')
    .option('--network', 'only the network')
    .option('--variant <names>', 'kernels to compare in turns, such as naive,shipped', splitNames, [
      'shipped',
    ])
    .option('--patch <size>', 'patch whose layers the ops run on (128x128x64, and cubes)', patch)
    .option('--size <list>', 'patches for the network (32,64,128x128x64)', patches)
    .option('--batch <list>', 'batches for the network (1,4)', integers)
    .option('--quick', 'few short runs on small patches: to see that it works')
    .option('--save [file]', 'write the report (bench/results/<device>.json)')
    .option('--compare <file>', 'show the speed against a saved report')
    .action((names: string[], options: BenchOptions) =>
      execute(options, (context) => bench(names, options, context)),
    );
}

const splitNames = (text: string): string[] => text.split(',').filter(Boolean);

/** What to run; names alone mean ops, a section's flag the section. */
function selection(names: readonly string[], options: BenchOptions) {
  const { quick = false } = options;
  const both = options.ops === options.network;
  const ops = both || options.ops === true || names.length > 0;
  const network = (both && names.length === 0) || options.network === true;
  const patch = options.patch ?? (quick ? ([64, 64, 64] as const) : PATCH);
  const cubes = options.patch || quick ? [] : cubicCases();
  const sizes = options.size ?? (quick ? [SMALL] : SIZES);
  const batches = options.batch ?? (quick ? [1] : [1, 4]);
  return {
    cases: ops ? selectCases([...casesOf(patch), ...cubes], names) : [],
    networks: network ? sizes.flatMap((shape) => batches.map((batch) => ({ shape, batch }))) : [],
    quick,
  };
}

async function bench(
  names: readonly string[],
  options: BenchOptions,
  { terminal, signal }: Context,
): Promise<void> {
  const baseline = options.compare ? readReport(await readJsonFile(options.compare)) : undefined;
  const selected = selection(names, options);
  let progress: ReturnType<typeof startProgress> | undefined;
  let report: Report;
  try {
    const found = await runBench(openGpu, {
      ...selected,
      variants: options.variant,
      signal,
      onProgress: (done, total, note) => {
        progress ??= startProgress('bench', total);
        progress.update(done, note);
      },
    });
    report = {
      voxgrad: packageVersion(),
      commit: commitOf(packageRoot()),
      date: new Date().toISOString(),
      ...found,
    };
  } finally {
    progress?.stop();
  }
  const comparison = baseline ? compareReports(baseline, report) : undefined;
  terminal.result(
    comparison ? { ...report, comparison } : report,
    [
      reportText(report),
      ...(comparison ? ['', comparisonText(comparison, options.compare ?? '')] : []),
    ].join('\n'),
  );
  if (baseline && deviceName(baseline.adapter) !== deviceName(report.adapter)) {
    terminal.warn(`${options.compare} was measured on another adapter`);
  }
  if (options.save) {
    const path =
      options.save === true
        ? join('bench', 'results', `${deviceName(report.adapter)}.json`)
        : options.save;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${JSON.stringify(report, null, 2)}\n`);
    terminal.log(`saved ${path}`);
  }
  if (failures(report).length > 0) process.exitCode = 1;
}

/** Short hash of a checkout; null for an installed package or without git. */
function commitOf(root: string): string | null {
  if (!existsSync(join(root, '.git'))) return null;
  try {
    const command = ['-C', root, 'rev-parse', '--short', 'HEAD'];
    return execFileSync('git', command, { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return null;
  }
}
