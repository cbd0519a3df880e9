/** `voxgrad evaluate`: metrics of predicted label maps against the true ones. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { evaluateFiles } from '../node/evaluate_files.ts';
import { pairPredictions } from '../node/prediction_pairs.ts';
import { readSplitSection } from '../node/run_folder.ts';
import { makeFolder, writeWholeFile } from '../node/whole_file.ts';
import {
  type LabelledEvaluation,
  labelledEvaluationJson,
  labelledEvaluationText,
} from '../train/evaluation.ts';
import { toCsv } from '../train/metrics/summary.ts';
import { SPLIT_SECTIONS, type SplitSection } from '../train/subject_split.ts';
import { type Context, command, execute } from './command.ts';
import { oneOf } from './option_values.ts';
import { startProgress } from './progress.ts';
import type { CommonOptions } from './terminal.ts';

interface EvaluateOptions extends CommonOptions {
  readonly predictions: string;
  readonly labels: string;
  readonly binary?: boolean;
  readonly split?: string;
  readonly section: SplitSection;
  readonly subset?: boolean;
  readonly out?: string;
}

const EXAMPLE = `voxgrad evaluate --predictions predictions --labels Task04_Hippocampus/labelsTr --binary \\
  --split runs/hippocampus/split.json`;

const NOTES = `
Each NAME_pred.nii.gz is compared with NAME.nii.gz. A prediction without a label map is an error, and
so is a label map without a prediction, unless --split names the cases or --subset allows it.
With --binary every label above 0 counts as one. Without it each label value that occurs in the label
maps gets its own table, and the main table holds the mean over them.
HD95 is in voxels, HD95_MM in millimetres by the voxel size of the label map. A value that does not
exist (HD95 of an empty mask) is null in JSON, empty in CSV, and left out of means.`;

export function evaluateCommand(): Command {
  return command('evaluate', EXAMPLE)
    .requiredOption('--predictions <dir>', 'folder of NAME_pred.nii.gz')
    .requiredOption('--labels <dir>', 'folder of NAME.nii.gz')
    .option('--binary', 'all labels above 0 are one')
    .option('--split <file>', 'split.json of a run: exactly the cases of its --section')
    .option(
      '--section <name>',
      `part of the split: ${SPLIT_SECTIONS.join(', ')}`,
      oneOf(SPLIT_SECTIONS),
      'test',
    )
    .option('--subset', 'leave out label maps that have no prediction')
    .option('--out <dir>', 'folder for metrics.csv and metrics.json (default: the predictions)')
    .addHelpText('after', NOTES)
    .action((options: EvaluateOptions) =>
      execute(options, (context) => evaluate(options, context)),
    );
}

async function evaluate(options: EvaluateOptions, context: Context): Promise<void> {
  const { terminal, signal } = context;
  const { predictions, labels, binary = false, split, section, subset = false } = options;
  const pairs = await pairPredictions(predictions, labels, {
    ...(split === undefined ? {} : { names: await readSplitSection(split, section) }),
    subset,
  });
  const out = options.out ?? predictions;
  // Not after hours of measuring.
  await makeFolder(out);
  const progress = startProgress('evaluate', pairs.length);
  const result = await evaluateFiles({
    pairs,
    binary,
    signal,
    onProgress: (done, name) => progress.update(done, name),
    onWarning: (message) => progress.log(`warning: ${message}`),
  }).finally(() => progress.stop());
  const written = await writeMetrics(out, result);
  terminal.log(`written: ${written.join(', ')}`);
  terminal.result(labelledEvaluationJson(result), labelledEvaluationText(result));
}

/** metrics.json, metrics.csv and, with several labels, metrics_label_<n>.csv. */
export async function writeMetrics(out: string, result: LabelledEvaluation): Promise<string[]> {
  const files = new Map([
    ['metrics.json', `${JSON.stringify(labelledEvaluationJson(result), null, 2)}\n`],
    ['metrics.csv', toCsv(result)],
  ]);
  for (const [label, table] of result.classes ?? []) {
    files.set(`metrics_label_${label}.csv`, toCsv(table));
  }
  const paths: string[] = [];
  for (const [name, text] of files) {
    await writeWholeFile(join(out, name), text);
    paths.push(join(out, name));
  }
  return paths;
}
