/** `voxgrad preprocess`: scans reordered, resampled and normalised once, for many trainings. */
import type { Command } from 'commander';
import { readJsonFile } from '../node/json_file.ts';
import { preprocessDataset } from '../node/preprocess/preprocess_dataset.ts';
import { type Context, command, execute } from './command.ts';
import * as values from './option_values.ts';
import { type Progress, startProgress } from './progress.ts';
import type { CommonOptions } from './terminal.ts';
import { mergedSettings, type SettingFlags } from './train_settings.ts';

interface PreprocessOptions extends CommonOptions, SettingFlags {
  readonly data: string;
  readonly out: string;
  readonly config?: string;
  readonly split?: string;
  readonly targetSpacing?: unknown;
  readonly workers?: number;
  readonly overwrite?: boolean;
}

const EXAMPLE = `voxgrad preprocess --data Task02_Heart --out Task02_Heart_ready
voxgrad train --data Task02_Heart_ready --out runs/heart
voxgrad predict --model runs/heart/model.safetensors --out predictions Task02_Heart/imagesTs`;

const NOTES = `
Training reads the result faster than the scans, and takes the same patches, bit for bit. Spacing and
normalisation are those that a training on the scans would have: give the flags of the split (--test-pct,
--group-by, --seed or --split) and --config here too, as a spacing that is planned depends on the subjects
that training sees. The model still records all steps: predict takes scans as they come.

The result is a Decathlon folder whose dataset.json says what was done; train and lr-find need no flag
for it. It holds labelled scans alone, as float32, which takes several times the room of the scans.
After Ctrl-C, or with scans added, the same command does what is missing.`;

export function preprocessCommand(): Command {
  return command('preprocess', EXAMPLE)
    .requiredOption('--data <dir>', 'task folder with dataset.json')
    .requiredOption('--out <dir>', 'folder to write')
    .option('--config <file>', 'settings as JSON, as of train')
    .option('--target-spacing <i,j,k>', 'mm (default: planned from the data)', values.triple)
    .option('--test-pct <share>', 'as of train', values.share)
    .option('--valid-pct <share>', 'as of train', values.share)
    .option('--group-by <regex>', 'as of train')
    .option('--seed <n>', 'as of train', values.seedNumber)
    .option('--split <file>', 'as of train')
    .option('--exclude <regex>', 'leave out subjects whose name matches', values.collect)
    .option(
      '--workers <n>',
      'threads (default: one per core, as far as memory allows)',
      values.positiveInteger,
    )
    .option('--overwrite', 'begin again, and replace what is in the folder')
    .addHelpText('after', NOTES)
    .action((options: PreprocessOptions) =>
      execute(options, (context) => preprocess(options, context)),
    );
}

async function preprocess(options: PreprocessOptions, { terminal, signal }: Context) {
  const { data, out, config, split, targetSpacing, workers, overwrite, ...flags } = options;
  const file = config === undefined ? {} : await readJsonFile(config);
  const settings = mergedSettings(file, {
    ...flags,
    ...(targetSpacing === undefined ? {} : { spacing: targetSpacing }),
  });
  let bar: Progress | undefined;
  const done = await preprocessDataset({
    ...{ data, out, settings, splitFile: split, workers, overwrite, signal },
    onProgress: (count, total, name) => {
      bar ??= startProgress('preprocess', total, { from: count });
      bar.update(count, name);
    },
  }).finally(() => bar?.stop());
  const { subjects, kept, preprocessing } = done;
  const { applyReorder, targetSpacing: spacing, transforms } = preprocessing;
  const steps = [
    applyReorder ? 'axes in RAS+' : 'axes as stored',
    spacing ? `${spacing.join(' × ')} mm` : "each scan's own spacing",
    ...transforms.map(({ name }) => name),
  ];
  const before = kept > 0 ? ` (${kept} were there already)` : '';
  terminal.result(done, `${out}: ${subjects} subjects${before}, ${steps.join(', ')}`);
}
