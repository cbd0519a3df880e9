/** `voxgrad demo`: the whole way from scans to a report, on a made-up data set, in minutes. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { openGpu } from '../node/dawn.ts';
import { writeDemoDataset } from '../node/demo/demo_dataset.ts';
import { evaluateFiles } from '../node/evaluate_files.ts';
import { evaluationReport } from '../node/evaluation_report.ts';
import { niftiFiles } from '../node/nifti_names.ts';
import { predictFiles, readModelFile } from '../node/predict_files.ts';
import { pairPredictions } from '../node/prediction_pairs.ts';
import { runFolder } from '../node/run_folder.ts';
import { planFacts, planRun, planText, type RunPlan } from '../node/run_plan.ts';
import { trainRun } from '../node/train_run.ts';
import { writeWholeFile } from '../node/whole_file.ts';
import type { Gpu } from '../node.ts';
import {
  type LabelledEvaluation,
  labelledEvaluationJson,
  labelledEvaluationText,
} from '../train/evaluation.ts';
import { runSettings } from '../train/run_config.ts';
import { type Context, command, execute } from './command.ts';
import { writeMetrics } from './evaluate.ts';
import { positiveInteger, seedNumber } from './option_values.ts';
import { noteCompiling, startProgress } from './progress.ts';
import { type CommonOptions, showDuration } from './terminal.ts';
import { TrainingLog } from './training_log.ts';

interface DemoOptions extends CommonOptions {
  readonly out: string;
  readonly seed: number;
  readonly steps: number;
}

/** Small enough for a software adapter, large enough to find the atrium. */
const SETTINGS = {
  patch: { patchSize: [32, 32, 32], samplesPerVolume: 4, keepLargestComponent: true },
  network: { channels: [8, 16, 32, 64], strides: [2, 2, 2] },
  training: { batchSize: 4, learningRate: 1e-2 },
  split: { validPct: 0.15 },
};

const NOTES = `
No download: the scans are made up, 12 to train on and 4 that training never sees, with noise, bias
field, decoys, and varied spacing and orientation. The folder then holds data/, run/, predictions/
and report.html. On two processor cores without a GPU this takes one to two minutes.`;

export function demoCommand(): Command {
  return command('demo', 'voxgrad demo')
    .option('--out <dir>', 'folder to write', 'voxgrad-demo')
    .option('--steps <n>', 'training steps', positiveInteger, 80)
    .option('--seed <n>', 'of the scans and the training', seedNumber, 0)
    .addHelpText('after', NOTES)
    .action((options: DemoOptions) => execute(options, (context) => demo(options, context)));
}

async function demo({ out, seed, steps }: DemoOptions, context: Context): Promise<void> {
  const { terminal, signal } = context;
  const startedAt = performance.now();
  const data = join(out, 'data');
  terminal.log(`1/4  making scans in ${data}`);
  await makeScans(data, seed, context);
  terminal.log('2/4  training');
  const settings = { ...SETTINGS, training: { ...SETTINGS.training, steps, seed } };
  const plan = await planRun(data, runSettings(settings));
  terminal.log(planText(plan));
  const gpu = await openGpu();
  const log = new TrainingLog(gpu, plan);
  const trained = await trainRun({
    gpu,
    plan,
    out: join(out, 'run'),
    signal,
    ...log.callbacks,
  }).finally(() => log.stop());
  terminal.log(log.summaryText(trained));
  terminal.log('3/4  segmenting unseen scans');
  const images = await niftiFiles(join(data, 'imagesTs'));
  await segment(gpu, out, images, context);
  terminal.log('4/4  measuring, and writing the report');
  const { evaluation, report } = await writeReport(out, images, plan, signal);
  const seconds = (performance.now() - startedAt) / 1000;
  terminal.result(
    {
      folder: out,
      report,
      seconds,
      training: log.summary(trained),
      evaluation: labelledEvaluationJson(evaluation),
    },
    `${labelledEvaluationText(evaluation)}\ndone in ${showDuration(seconds)}; open ${report}`,
  );
}

async function makeScans(data: string, seed: number, { signal }: Context): Promise<void> {
  const training = 12;
  const unseen = 4;
  const progress = startProgress('scans', training + unseen);
  const onProgress = (done: number): void => progress.update(done);
  await writeDemoDataset(data, { training, unseen, seed, signal, onProgress }).finally(() =>
    progress.stop(),
  );
}

async function segment(
  gpu: Gpu,
  out: string,
  images: ReadonlyMap<string, string>,
  { signal }: Context,
): Promise<void> {
  const progress = startProgress('predict', images.size);
  await predictFiles({
    gpu,
    model: await readModelFile(runFolder(join(out, 'run')).model),
    images,
    out: join(out, 'predictions'),
    signal,
    onProgress: (done, _, name) => progress.update(done, name),
    onCompile: noteCompiling(progress.update.bind(progress), () => 0),
    onWarning: (message) => progress.log(`warning: ${message}`),
  }).finally(() => progress.stop());
}

/** Metrics, pictures of the best and the worst case, and the page that shows them. */
async function writeReport(
  out: string,
  images: ReadonlyMap<string, string>,
  plan: RunPlan,
  signal: AbortSignal,
): Promise<{ evaluation: LabelledEvaluation; report: string }> {
  const predictions = join(out, 'predictions');
  const labels = join(out, 'data', 'labelsTs');
  const pairs = await pairPredictions(predictions, labels);
  const evaluation = await evaluateFiles({ pairs, binary: true, signal });
  await writeMetrics(predictions, evaluation);
  const run = runFolder(join(out, 'run'));
  const { html, best, worst } = await evaluationReport({
    title: 'voxgrad demo: left atrium, made-up scans',
    summary: [
      `A U-Net trained on ${plan.split.train.length} scans finds the left atrium in ${pairs.length} scans that it has never seen.`,
    ],
    evaluation,
    pairs,
    binary: true,
    images,
    figures: [{ caption: 'Training', png: await readFile(join(run.figures, 'training.png')) }],
    facts: planFacts(plan),
    commands: [
      `voxgrad train --data ${join(out, 'data')} --config ${run.config} --out my-run`,
      `voxgrad predict --model my-run/model.safetensors --out my-predictions ${join(out, 'data', 'imagesTs')}`,
      `voxgrad evaluate --predictions my-predictions --labels ${labels} --images ${join(out, 'data', 'imagesTs')} --binary`,
      `voxgrad ui ${out} --predictions ${predictions}`,
    ],
  });
  if (best) await writeWholeFile(join(out, 'figures', 'best.png'), best);
  if (worst) await writeWholeFile(join(out, 'figures', 'worst.png'), worst);
  const report = join(out, 'report.html');
  await writeWholeFile(report, html);
  return { evaluation, report };
}
