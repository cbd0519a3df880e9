/** `voxgrad evaluate`: metrics of predicted label maps against the true ones. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { FormatError, ShapeError } from '../errors.ts';
import { sameAffine } from '../io/affine.ts';
import type { Volume } from '../io/volume.ts';
import { readNiftiFile } from '../node/nifti_file.ts';
import { type LabelPair, pairPredictions } from '../node/prediction_pairs.ts';
import { readSplitFile } from '../node/run_folder.ts';
import { writeJsonFile, writeWholeFile } from '../node/whole_file.ts';
import { sameShape, showShape } from '../shape.ts';
import {
  caseMetrics,
  type Evaluation,
  evaluation,
  type LabelledCase,
  labelValues,
  type Metrics,
} from '../train/evaluation.ts';
import { evaluationCsv, evaluationText } from '../train/evaluation_table.ts';
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
maps gets its own table, and the first table holds the mean over them.
HD95 is in voxels. A value that does not exist (HD95 of an empty mask) is null in JSON, empty in CSV,
and left out of means.`;

export function evaluateCommand(): Command {
  return command('evaluate', 'Measure predictions against label maps.', EXAMPLE)
    .requiredOption('--predictions <dir>', 'folder of NAME_pred.nii.gz')
    .requiredOption('--labels <dir>', 'folder of NAME.nii.gz')
    .option('--binary', 'all labels above 0 are one')
    .option('--split <file>', 'split.json of a run: exactly these cases must be there')
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
  const { terminal } = context;
  const split = options.split === undefined ? undefined : await readSplitFile(options.split);
  const pairs = await pairPredictions(options.predictions, options.labels, {
    ...(split ? { names: split[options.section] } : {}),
    ...(options.subset ? { subset: true } : {}),
  });
  const result = await evaluatePairs(pairs, options.binary ?? false, context);
  const out = options.out ?? options.predictions;
  await writeJsonFile(join(out, 'metrics.json'), result);
  await writeWholeFile(join(out, 'metrics.csv'), evaluationCsv(result));
  terminal.result(result, evaluationText(result));
  terminal.log(`written: ${join(out, 'metrics.csv')}, ${join(out, 'metrics.json')}`);
}

/** Metrics of all pairs; volumes are read one case at a time. */
export async function evaluatePairs(
  pairs: readonly LabelPair[],
  binary: boolean,
  { terminal, signal }: Context,
): Promise<Evaluation> {
  const progress = startProgress('evaluate', pairs.length);
  const cases: LabelledCase[] = [];
  const occurring = new Set<number>();
  const predicted = new Set<number>();
  try {
    for (const [index, pair] of pairs.entries()) {
      signal.throwIfAborted();
      const read = await readCase(pair, (line) => terminal.warn(line));
      const byLabel = new Map<number, Metrics>();
      for (const value of labelsOf(read.prediction, pair.prediction)) predicted.add(value);
      const present = labelsOf(read.label, pair.label);
      for (const value of present) occurring.add(value);
      if (binary) byLabel.set(1, caseMetrics(read.prediction, read.label));
      else
        for (const value of present)
          byLabel.set(value, caseMetrics(read.prediction, read.label, value));
      cases.push({ name: pair.name, byLabel });
      progress.update(index + 1, pair.name);
    }
  } finally {
    progress.stop();
  }
  const strangers = [...predicted].filter((value) => !occurring.has(value));
  const missed = [...occurring].filter((value) => !predicted.has(value));
  if (!binary && (strangers.length > 0 || missed.length > 0)) {
    terminal.warn(
      `predictions hold the labels ${listed(predicted)}, label maps ${listed(occurring)}; --binary compares everything above 0`,
    );
  }
  return evaluation(cases, binary ? [1] : [...occurring].sort((a, b) => a - b));
}

const listed = (values: Set<number>): string =>
  [...values].sort((a, b) => a - b).join(', ') || 'none';

/** Both label maps of a case, on one grid. */
async function readCase(pair: LabelPair, warn: (line: string) => void) {
  const prediction = await readNiftiFile(pair.prediction);
  const label = await readNiftiFile(pair.label);
  if (!sameShape(prediction.shape, label.shape)) {
    throw new ShapeError(
      `evaluate: the shapes of case '${pair.name}' differ. Prediction ${showShape(prediction.shape)}, label map ${showShape(label.shape)} [C,I,J,K]. Predict on the grid that the label map was drawn on.`,
    );
  }
  if (!sameAffine(prediction.affine, label.affine)) {
    warn(`${pair.name}: prediction and label map lie at different places; compared voxel by voxel`);
  }
  return { prediction, label };
}

/** @throws FormatError with the path in front, for a file that is no label map */
function labelsOf(volume: Volume, path: string): number[] {
  try {
    return labelValues(volume);
  } catch (error) {
    throw new FormatError(`${path}: ${(error as Error).message}`, { cause: error });
  }
}
