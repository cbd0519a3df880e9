/** `voxgrad train`: from a Decathlon task folder to a run folder with a trained model. */
import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Command } from 'commander';
import { ConfigError } from '../errors.ts';
import { openGpu } from '../node/dawn.ts';
import { type CompleteRun, type InterruptedRun, readEarlierRun } from '../node/earlier_run.ts';
import { readJsonFile } from '../node/json_file.ts';
import { runFolder } from '../node/run_folder.ts';
import { planRun, planText, type RunPlan } from '../node/run_plan.ts';
import { type TrainRunResult, trainRun } from '../node/train_run.ts';
import { type RunSettings, runSettings } from '../train/run_config.ts';
import { AUTOTUNE_FLAG, AUTOTUNE_HELP } from './autotuning.ts';
import { type Context, command, execute } from './command.ts';
import { addMlflowOptions, mlflowTracker, noteReport } from './mlflow_tracking.ts';
import * as values from './option_values.ts';
import type { CommonOptions, Terminal } from './terminal.ts';
import { addSettingOptions, mergedSettings, type SettingFlags } from './train_settings.ts';
import { TrainingLog } from './training_log.ts';

interface TrainOptions extends CommonOptions, SettingFlags {
  readonly data: string;
  readonly out: string;
  readonly config?: string;
  readonly split?: string;
  readonly dryRun?: boolean;
  readonly overwrite?: boolean;
  readonly resume?: boolean;
  readonly checkpointSeconds?: number;
  readonly autotune: boolean;
}

const EXAMPLE = `voxgrad train --data Task04_Hippocampus --out runs/hippocampus --binary --test-pct 0.2 --steps 300
voxgrad predict --model runs/hippocampus/model.safetensors --out predictions \\
  --split runs/hippocampus/split.json Task04_Hippocampus/imagesTr
voxgrad evaluate --predictions predictions --labels Task04_Hippocampus/labelsTr --binary \\
  --split runs/hippocampus/split.json`;

const NOTES = `
What is not given is planned from the data and printed: spacing, patch size, depth and strides of the
network. --config reads the same settings from JSON (RUN/config.json of any run is an example); flags
win over it. Its "augmentations" change training patches at random, in the order given, for example:
  { "augmentations": [{ "name": "RandomAffine", "params": { "degrees": 15 } }, { "name": "RandomGamma" }] }
RandomAffine, RandomFlip, RandomGamma, RandomBiasField, RandomBlur and RandomNoise have the parameters of
TorchIO, camel-cased; docs/augmentations.md in the repository lists them. They run on the GPU, and validation
is not augmented.

The run folder holds config.json, split.json (subject names: train, validation, test), history.json and
history.csv, kernels.json, model.safetensors (the epoch with the best validation Dice), checkpoints/,
figures/batch.png and figures/training.png; with --tensorboard also event files in tensorboard/.

When a step takes more memory than there is: --checkpointing gives the same model in more time, and
--batch-size 1 --accumulate 4 computes the patches of a step one after the other. An epoch's last step
averages over the batches that are left. --precision f16 stores activations in half precision, where
the adapter can: sums and weights stay f32, the loss is scaled so that small gradients are kept, and a
step in which one overflows is skipped. --dry-run tells the bytes, without a GPU.

Before the first of 50 steps or more, the kernels of each convolution are timed on this adapter and the
fastest right one is taken: about half a minute without a GPU, and once, as ~/.cache/voxgrad remembers it.
Another choice changes the last digits of a model; --no-autotune leaves it out. kernels.json says what
ran, and --resume runs the same.

--mlflow sends settings, curves, files and the model to an MLflow server, in the background: training goes on
when the server does not answer, and what is missing is sent later. --resume goes on with the same run there.
voxgrad mlflow --help tells how to log in, and how to send a run afterwards.

Subjects under 'test' are never seen in training. With --group-by all subjects whose name has the same
first group stay on one side: --group-by 'lv_(.*)_E[DS]' keeps both phases of a patient together.
Ctrl-C ends training after the current batch and leaves a checkpoint; the best model so far stays.
--resume, with the same --data and --out, goes on from there to the same model as if nothing had
happened; so it does after a crash or kill -9, from the last checkpoint (one per epoch, and one
a minute within it), or from the beginning of the same plan. A run that is complete stays as it is.`;

export function trainCommand(): Command {
  const start = command('train', EXAMPLE)
    .requiredOption('--data <dir>', 'task folder with dataset.json')
    .requiredOption('--out <run>', 'run folder to write')
    .option('--epochs <n>', 'passes over the training subjects', values.positiveInteger)
    .option('--steps <n>', 'optimiser steps in all (default: 400)', values.positiveInteger)
    .option(
      '--lr <x>',
      'highest learning rate of the schedule (default: 0.003)',
      values.positiveNumber,
    );
  return addMlflowOptions(addSettingOptions(start))
    .option('--keep-largest-component', 'predictions keep one object (default: all)')
    .option(
      '--early-stopping <n>',
      'end after so many epochs without a better validation Dice',
      values.positiveInteger,
    )
    .option('--ema <decay>', 'average the weights over the steps, e.g. 0.999', values.share)
    .option('--clip-grad <norm>', 'largest L2 norm of the gradients', values.positiveNumber)
    .option('--tensorboard', 'write event files to RUN/tensorboard')
    .option('--dry-run', 'print the plan, with the bytes that a step takes on the GPU, and stop')
    .option('--overwrite', 'replace the run that is in the folder')
    .option('--resume', 'go on where the run in the folder was interrupted')
    .option(
      '--checkpoint-seconds <s>',
      'time between checkpoints within an epoch (default: 60)',
      values.positiveNumber,
    )
    .option(AUTOTUNE_FLAG, AUTOTUNE_HELP)
    .addHelpText('after', NOTES)
    .action((options: TrainOptions) => execute(options, (context) => train(options, context)));
}

async function train(options: TrainOptions, context: Context): Promise<void> {
  const { terminal, signal } = context;
  const earlier = options.resume ? await readEarlierRun(options.out) : undefined;
  if (earlier?.kind === 'complete') {
    reportComplete(options.out, earlier, terminal);
    return;
  }
  const interrupted = earlier?.kind === 'interrupted' ? earlier : undefined;
  if (earlier) terminal.log(resumeText(options.out, interrupted));
  const { config: file, split } = interrupted ?? {
    config: options.config === undefined ? {} : await readJsonFile(options.config),
    split: options.split,
  };
  const plan = await planRun(options.data, mergedSettings(file, options), split);
  if (interrupted) await refuseOtherSettings(options, interrupted, plan);
  if (!options.dryRun || terminal.json) terminal.log(planText(plan));
  for (const warning of plan.warnings) terminal.warn(warning);
  if (options.dryRun) {
    const { run, split, memory } = plan;
    terminal.result({ run, split, memory }, planText(plan));
    return;
  }
  if (!earlier) refuseOverwriting(options);
  const gpu = await openGpu();
  const log = new TrainingLog(gpu, plan);
  const tracker = mlflowTracker(plan.run, (message) => log.callbacks.onMessage?.(message));
  const { model } = runFolder(options.out);
  const { checkpointSeconds } = options;
  let result: TrainRunResult;
  try {
    result = await trainRun({
      gpu,
      plan,
      out: options.out,
      signal,
      ...(interrupted ? { resume: interrupted } : {}),
      ...(checkpointSeconds === undefined ? {} : { checkpointSeconds }),
      ...log.callbacks,
      ...(tracker ? { trackers: [tracker] } : {}),
      ...(options.autotune ? log.autotuning : {}),
    });
  } catch (error) {
    log.stop();
    noteReport(terminal, tracker?.report);
    if (signal.aborted) {
      terminal.log(
        existsSync(model)
          ? `best model so far: ${model}`
          : 'no epoch is complete: there is no model',
      );
      terminal.log(
        `--resume goes on: voxgrad train --data ${options.data} --out ${options.out} --resume`,
      );
    }
    throw error;
  }
  log.stop();
  noteReport(terminal, tracker?.report);
  terminal.result(log.summary(result), log.summaryText(result));
}

function resumeText(out: string, run: InterruptedRun | undefined): string {
  if (!run) return `no run in ${out} yet: it begins`;
  if (!run.state) return `no checkpoint in ${out} yet: the run begins again, from its own settings`;
  const { steps, totalSteps } = run.state.history;
  return `${out} goes on after ${steps.length} of ${totalSteps} steps`;
}

function reportComplete(out: string, run: CompleteRun, terminal: Terminal): void {
  const { model } = runFolder(out);
  terminal.log(`the run is complete: ${out} holds ${run.steps} steps and nothing is left to do`);
  const { steps, epochs, bestEpoch, bestDice } = run;
  terminal.result({ run: out, model, steps, epochs, bestEpoch, bestDice }, `model: ${model}`);
}

function refuseOverwriting({ out, overwrite }: TrainOptions): void {
  const { model, checkpoint } = runFolder(out);
  // A run that failed in its first epoch has nothing worth keeping.
  if (overwrite || !(existsSync(model) || existsSync(checkpoint))) return;
  throw new ConfigError(
    `train: there is a run already. Got --out ${out}, which holds ${existsSync(model) ? model : checkpoint}. Choose another folder, go on with --resume, or replace the run with --overwrite.`,
  );
}

/** Settings that are given again are fine. */
async function refuseOtherSettings(
  options: TrainOptions,
  before: InterruptedRun,
  now: RunPlan,
): Promise<void> {
  const { data, out, config, overwrite } = options;
  // Settings that the run's version did not have yet stand at their defaults.
  let isSame = isDeepStrictEqual(decisive(toJson(now.run)), decisive(before.config));
  if (config !== undefined || options.split !== undefined) {
    const file = config === undefined ? before.config : await readJsonFile(config);
    const given = await planRun(data, mergedSettings(file, options), options.split ?? before.split);
    const both = [given, now].map(({ run, split }) => [decisive(toJson(run)), split]);
    isSame &&= isDeepStrictEqual(both[0], both[1]);
  }
  if (isSame && !overwrite) return;
  throw new ConfigError(
    `train: --resume goes on with the settings and the split of ${out}. Got others, by flags or by changed data. Pass --data, --out and --resume alone.`,
  );
}

/** Settings that a model depends on. */
function decisive(config: unknown): Omit<RunSettings, 'tracking'> {
  const { tracking: _, ...settings } = runSettings(config);
  return settings;
}

const toJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
