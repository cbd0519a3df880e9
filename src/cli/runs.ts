/** `voxgrad runs`: the runs below a folder, and how two of them differ. */
import { type Command, Option } from 'commander';
import { ConfigError } from '../errors.ts';
import { readJsonFile } from '../node/json_file.ts';
import { runFolder } from '../node/run_folder.ts';
import { listRuns, RunStore } from '../node/runs/run_store.ts';
import {
  alignedTable,
  RUN_ORDERS,
  type RunOrder,
  runsText,
  sortRuns,
} from '../node/runs/runs_table.ts';
import { compareSettings, type SettingRow } from '../train/compare_settings.ts';
import { type Context, command, execute } from './command.ts';
import type { CommonOptions } from './terminal.ts';

interface RunsOptions extends CommonOptions {
  readonly sort: RunOrder;
  readonly compare?: readonly string[];
}

const EXAMPLE = `voxgrad runs
voxgrad runs runs --sort dice
voxgrad runs --compare hippocampus hippocampus-f16`;

const NOTES = `
A run is a folder that train has written; those below DIR are found, six folders deep. It is running
while its process is there and gives signs of life, finished when all steps are done, and interrupted
otherwise: train --resume goes on. A run with an unreadable file is a row that says so.

best Dice is the highest over all validation voxels; valid loss is that of the same epoch, whose
weights are kept; test DSC is the mean over the cases in the run's evaluation folder.`;

export function runsCommand(): Command {
  return command('runs', EXAMPLE)
    .argument('[dir]', 'folder to search', 'runs')
    .addOption(
      new Option('--sort <column>', 'newest, best or smallest first')
        .choices(RUN_ORDERS)
        .default('started'),
    )
    .option('--compare <runs...>', 'settings in which these runs differ, side by side')
    .addHelpText('after', NOTES)
    .action((dir: string, options: RunsOptions) =>
      execute(options, (context) =>
        options.compare ? compare(dir, options.compare, context) : list(dir, options, context),
      ),
    );
}

async function list(dir: string, { sort }: RunsOptions, { terminal }: Context): Promise<void> {
  const runs = sortRuns(await listRuns(dir), sort);
  const json = runs.map(({ version, ...run }) => run);
  terminal.result({ runs: json }, runs.length > 0 ? runsText(runs) : `no runs below ${dir}`);
}

async function compare(
  dir: string,
  names: readonly string[],
  { terminal }: Context,
): Promise<void> {
  const store = new RunStore(dir);
  const known = (await store.list()).map(({ id }) => id);
  const unknown = names.find((name) => !store.has(name));
  if (unknown !== undefined || names.length < 2) {
    const wrong =
      unknown === undefined ? 'two runs or more can be compared' : 'there is no such run';
    throw new ConfigError(
      `runs: ${wrong}. Got ${names.join(', ')}. Below ${dir} there are: ${known.join(', ') || 'none'}.`,
    );
  }
  const configs = await Promise.all(
    names.map((name) => readJsonFile(runFolder(store.folder(name)).config)),
  );
  const rows = compareSettings(configs).filter(({ differs }) => differs);
  const json = rows.map(({ name, values }) => ({
    setting: name,
    values: values.map((value) => value ?? null),
  }));
  terminal.result({ runs: names, differences: json }, differencesText(names, rows));
}

function differencesText(names: readonly string[], rows: readonly SettingRow[]): string {
  if (rows.length === 0) return 'the settings are the same';
  const body = rows.map(({ name, values }) => [name, ...values.map((value) => value ?? '-')]);
  return alignedTable([['setting', ...names], ...body], names.length + 1);
}
