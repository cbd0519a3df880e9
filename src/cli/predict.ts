/** `voxgrad predict`: segments scans with a trained model. */
import type { Command } from 'commander';
import { ConfigError } from '../errors.ts';
import { openGpu } from '../node/dawn.ts';
import { imagePaths } from '../node/nifti_names.ts';
import { predictFiles, readModelFile } from '../node/predict_files.ts';
import { readSplitSection } from '../node/run_folder.ts';
import type { FlipAxis, PatchWeights, Precision, ScanPrediction } from '../node.ts';
import { PATCH_WEIGHTS } from '../patch/aggregator.ts';
import type { Triple } from '../shape.ts';
import { PRECISIONS } from '../train/run_config.ts';
import { SPLIT_SECTIONS, type SplitSection } from '../train/subject_split.ts';
import { AUTOTUNE_FLAG, AUTOTUNE_HELP, autotuning } from './autotuning.ts';
import { type Context, command, execute } from './command.ts';
import { byteCount, mirrorAxes, oneOf, positiveInteger, triple } from './option_values.ts';
import { noteCompiling, startProgress } from './progress.ts';
import { type CommonOptions, showDuration } from './terminal.ts';

interface PredictOptions extends CommonOptions {
  readonly model: string;
  readonly out: string;
  readonly split?: string;
  readonly section: SplitSection;
  readonly precision: Precision;
  readonly weights?: PatchWeights;
  readonly tta?: boolean;
  readonly ttaAxes?: readonly FlipAxis[];
  readonly saveProbabilities?: boolean;
  readonly swBatchSize: number;
  readonly gpuBytes?: number;
  readonly patchSize?: Triple;
  readonly skipUnreadable?: boolean;
  readonly autotune: boolean;
}

const EXAMPLE = `voxgrad predict --model runs/heart/model.safetensors --out predictions scan.nii.gz
voxgrad predict --model runs/heart/model.safetensors --out predictions \\
  --split runs/heart/split.json Task02_Heart/imagesTr`;

const NOTES = `
Inputs are NIfTI files or folders of them. Each becomes OUT/NAME_pred.nii.gz (of a .nii: .nii): label values on the
scan's own grid, with its affine and orientation codes. Patch size, spacing and normalisation come
from the model file. Where patches overlap, --weights hann (TorchIO) and gaussian (MONAI) trust their
middle most, constant takes the plain mean.
--tta also segments the mirror images of each patch along every combination of the axes, and averages
the probabilities; --tta-axes LR asks for two views rather than 8.
--save-probabilities writes 4-D files of float32 on the scan's own grid, the volume of class 0 (background)
first, of a one-channel network the foreground's alone. Labels are chosen before the way back onto that
grid, so at edges another class may have the highest probability.
Convolutions run on the kernels that were the fastest on this adapter when they were measured, in a
training or before the first of 8 inputs or more; other kernels give other last digits.
Patches are blended on the GPU, in as many rows of the scan at a time as a patch is deep; --gpu-bytes
refuses a plan that takes more, with its numbers and the largest --patch-size that would fit.
With --split only the inputs that its section names are segmented, by default those never trained on.`;

export function predictCommand(): Command {
  return command('predict', EXAMPLE)
    .argument('<inputs...>', 'NIfTI files, or folders of them')
    .requiredOption('--model <file>', 'model.safetensors of a run')
    .requiredOption('--out <dir>', 'folder for NAME_pred.nii.gz')
    .option('--split <file>', 'split.json of a run: only the cases of its --section')
    .option(
      '--section <name>',
      `part of the split: ${SPLIT_SECTIONS.join(', ')}`,
      oneOf(SPLIT_SECTIONS),
      'test',
    )
    .option(
      '--precision <name>',
      'storage of activations: f32 or f16, half the memory',
      oneOf(PRECISIONS),
      'f32',
    )
    .option(
      '--weights <name>',
      `of voxels where patches overlap: ${PATCH_WEIGHTS.join(', ')} (default: as the model file says)`,
      oneOf(PATCH_WEIGHTS),
    )
    .option('--tta', 'average over the 8 mirror images of each patch: 8 times the work')
    .option(
      '--tta-axes <axes>',
      'mirror along these only: LR, AP, IS, with commas between',
      mirrorAxes,
    )
    .option('--save-probabilities', 'also write NAME_prob.nii.gz, one volume per class')
    .option('--sw-batch-size <n>', 'patches per forward pass', positiveInteger, 1)
    .option(
      '--gpu-bytes <n>',
      'GPU memory that may be taken, such as 1.5G; refused before the start if it does not suffice',
      byteCount,
    )
    .option(
      '--patch-size <i,j,k>',
      "smaller than the model's where GPU memory is short: it then sees less around each voxel",
      triple,
    )
    .option('--skip-unreadable', 'report a file that cannot be read, and go on with the others')
    .option(AUTOTUNE_FLAG, AUTOTUNE_HELP)
    .addHelpText('after', NOTES)
    .action((inputs: string[], options: PredictOptions) =>
      execute(options, (context) => predict(inputs, options, context)),
    );
}

async function predict(
  inputs: readonly string[],
  options: PredictOptions,
  { terminal, signal }: Context,
): Promise<void> {
  const { model: modelPath, out, split, section, precision, weights, autotune } = options;
  const all = await imagePaths(inputs);
  const images =
    split === undefined ? all : chosen(all, await readSplitSection(split, section), split);
  const model = await readModelFile(modelPath);
  const gpu = await openGpu();
  const tta = options.ttaAxes ?? options.tta ?? false;
  const progress = startProgress(`Patch inference${tta ? ' (TTA)' : ''}`, images.size);
  const startedAt = performance.now();
  const predictions = await predictFiles({
    gpu,
    model,
    images,
    out,
    precision,
    ...(weights ? { weights } : {}),
    tta,
    swBatchSize: options.swBatchSize,
    ...(options.patchSize ? { patchSize: options.patchSize } : {}),
    ...(options.gpuBytes === undefined ? {} : { gpuBytes: options.gpuBytes }),
    skipUnreadable: options.skipUnreadable ?? false,
    saveProbabilities: options.saveProbabilities ?? false,
    signal,
    onProgress: (done, _, name) => progress.update(done, name),
    onCompile: noteCompiling(progress.update.bind(progress), () => 0),
    onWarning: (message) => progress.log(`warning: ${message}`),
    ...(autotune
      ? autotuning({ note: (note) => progress.update(0, note), line: (line) => progress.log(line) })
      : {}),
  }).finally(() => progress.stop());
  const seconds = (performance.now() - startedAt) / 1000;
  const skipped = predictions.filter(({ error }) => error !== undefined).length;
  const count = `${predictions.length - skipped} scans in ${showDuration(seconds)}`;
  terminal.log(skipped > 0 ? `${count}, ${skipped} skipped` : count);
  const files = predictions.flatMap(({ prediction = [], probabilities = [] }) => [
    ...[prediction].flat(),
    ...[probabilities].flat(),
  ]);
  terminal.result({ predictions: predictions.map(toJson) }, files.join('\n'));
}

/** One number of seconds, as ever, and where they went. */
function toJson({ path, seconds, ...prediction }: ScanPrediction) {
  const { network = 0, wayBack = 0, write = 0 } = seconds ?? {};
  return { ...prediction, image: path, seconds: network + wayBack + write, steps: seconds };
}

/** The images that a split names, in its order. */
function chosen(
  images: ReadonlyMap<string, string>,
  names: readonly string[],
  split: string,
): Map<string, string> {
  return new Map(
    names.map((name) => {
      const path = images.get(name);
      if (path === undefined) {
        throw new ConfigError(
          `predict: a case of the split is missing. ${split} names '${name}', the inputs hold ${images.size} others. Pass the folder with its image.`,
        );
      }
      return [name, path];
    }),
  );
}
