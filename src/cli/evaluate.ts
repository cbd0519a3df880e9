/** `voxgrad evaluate`: metrics of predicted label maps against the true ones. */
import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { evaluateFiles } from '../node/evaluate_files.ts';
import { type EvaluationContext, evaluationContext } from '../node/evaluation_context.ts';
import { evaluationReport } from '../node/evaluation_report.ts';
import { type AnatomicalPlane, PLANES } from '../node/figure/slice.ts';
import { type LabelPair, pairPredictions } from '../node/prediction_pairs.ts';
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
  readonly images?: string;
  readonly model?: string;
  readonly plane: PlaneName;
  readonly report: boolean;
}

type PlaneName = (typeof PLANES)[AnatomicalPlane]['name'];
const PLANE_NAMES = [PLANES[0].name, PLANES[1].name, PLANES[2].name] as const;

const EXAMPLE = `voxgrad evaluate --predictions predictions --labels Task04_Hippocampus/labelsTr --binary \\
  --split runs/hippocampus/split.json
voxgrad evaluate --predictions predictions --labels Task04_Hippocampus/labelsTr --subset \\
  --model runs/hippocampus/model.safetensors --out evaluation`;

const NOTES = `
Each NAME_pred.nii.gz is compared with NAME.nii.gz. A prediction without a label map is an error, and
so is a label map without a prediction, unless --split names the cases or --subset allows it.
With --binary every label above 0 counts as one. Without it each label value that occurs in the label
maps gets its own table, and the main table holds the mean over them.
HD95 is in voxels, HD95_MM in millimetres by the voxel size of the label map. A value that does not
exist (HD95 of an empty mask) is null in JSON, empty in CSV, and left out of means.
The folder --out gets metrics.json, metrics.csv, with several labels metrics_label_N.csv for each, and
report.html: one file that loads nothing, with box plots and pictures of the best and the worst case.
Labels and scans are known from the dataset.json beside the folder of label maps; --model names the
labels otherwise, --images the scans. Without scans the pictures show the labels alone.`;

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
    .option('--out <dir>', 'folder for metrics and report.html (default: the predictions)')
    .option('--images <dir>', 'folder of NAME.nii.gz, the scans (default: as dataset.json says)')
    .option('--model <file>', 'model that predicted: names of labels, settings for the report')
    .option(
      '--plane <name>',
      `of the report's pictures: ${PLANE_NAMES.join(', ')}`,
      oneOf(PLANE_NAMES),
      'axial' as const,
    )
    .option('--no-report', 'leave out report.html')
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
  const beside = await evaluationContext({
    labels,
    images: options.images,
    model: options.model,
    onWarning: (message) => terminal.warn(message),
  });
  const progress = startProgress('evaluate', pairs.length);
  const result = await evaluateFiles({
    pairs,
    binary,
    classNames: beside.classNames,
    signal,
    onProgress: (done, name) => progress.update(done, name),
    onWarning: (message) => progress.log(`warning: ${message}`),
  }).finally(() => progress.stop());
  const written = await writeMetrics(out, result);
  if (options.report)
    written.push(await writeReport(options, { out, pairs, result, beside, context }));
  terminal.log(`written: ${written.join(', ')}`);
  terminal.result(labelledEvaluationJson(result), labelledEvaluationText(result));
}

interface Evaluated {
  readonly out: string;
  readonly pairs: readonly LabelPair[];
  readonly result: LabelledEvaluation;
  readonly beside: EvaluationContext;
  readonly context: Context;
}

async function writeReport(
  { predictions, labels, binary = false, split, section, plane }: EvaluateOptions,
  { out, pairs, result, beside, context }: Evaluated,
): Promise<string> {
  const { html } = await evaluationReport({
    title: `Evaluation of ${basename(resolve(predictions))}`,
    evaluation: result,
    pairs,
    binary,
    images: beside.images,
    anatomicalPlane: PLANE_NAMES.indexOf(plane) as AnatomicalPlane,
    facts: [
      ['predictions', predictions],
      ['label maps', labels],
      ['cases', split === undefined ? 'all' : `${section} of ${split}`],
      ['labels', binary ? 'all above 0 as one' : 'each on its own'],
      ...beside.facts,
    ],
    onWarning: (message) => context.terminal.warn(message),
  });
  const path = join(out, 'report.html');
  await writeWholeFile(path, html);
  return path;
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
