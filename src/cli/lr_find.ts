/** `voxgrad lr-find`: a learning rate for a training, and the curve that suggests it. */
import type { Command } from 'commander';
import { openGpu } from '../node/dawn.ts';
import { readJsonFile } from '../node/json_file.ts';
import { type LrFindRunResult, lrFindRun } from '../node/lr_find_run.ts';
import { planRun, planText } from '../node/run_plan.ts';
import { lrSchedule } from '../train/lr_find.ts';
import { AUTOTUNE_FLAG, AUTOTUNE_HELP, autotuning } from './autotuning.ts';
import { type Context, command, execute } from './command.ts';
import * as values from './option_values.ts';
import { noteCompiling, type Progress, startProgress } from './progress.ts';
import { type CommonOptions, showDuration } from './terminal.ts';
import { addSettingOptions, mergedSettings, type SettingFlags } from './train_settings.ts';

interface LrFindCommandOptions extends CommonOptions, SettingFlags {
  readonly data: string;
  readonly out?: string;
  readonly config?: string;
  readonly split?: string;
  readonly startLr: number;
  readonly endLr: number;
  readonly numIt: number;
  readonly stopDiv: boolean;
  readonly autotune: boolean;
}

const EXAMPLE = `voxgrad lr-find --data Task04_Hippocampus --binary --out runs/hippocampus
voxgrad train --data Task04_Hippocampus --binary --out runs/hippocampus --lr 0.002`;

const NOTES = `
Trains as 'train' with the same options would, from the same weights and on the same batches, while the
learning rate grows from --start-lr to --end-lr by the same factor in each step. The suggestion is
fastai's: a point in the middle of the longest fall of the smoothed loss, where it falls best. No model is
written.

--out takes a file that ends in .png, or a run folder, which gets figures/lr_find.png and lr_find.json
(learning rates and losses of all steps) and may be that of the training to come.

Options that change what a step does change the answer: network, patch, batch size, accumulation. So
give those of the training. --epochs, --steps and --lr belong to 'train' alone.`;

export function lrFindCommand(): Command {
  const start = command('lr-find', EXAMPLE)
    .requiredOption('--data <dir>', 'task folder with dataset.json')
    .option('--out <run or file>', 'run folder or .png file to write (default: none)')
    .option('--start-lr <x>', 'learning rate of the first step', values.positiveNumber, 1e-7)
    .option('--end-lr <x>', 'learning rate after the last step', values.positiveNumber, 10)
    .option('--num-it <n>', 'optimiser steps', values.positiveInteger, 100)
    .option('--no-stop-div', 'go on when the smoothed loss is four times its lowest');
  return addSettingOptions(start)
    .option(AUTOTUNE_FLAG, AUTOTUNE_HELP)
    .addHelpText('after', NOTES)
    .action((options: LrFindCommandOptions) =>
      execute(options, (context) => lrFind(options, context)),
    );
}

async function lrFind(options: LrFindCommandOptions, { terminal, signal }: Context): Promise<void> {
  const schedule = lrSchedule(options);
  const { numIt, endLr } = schedule;
  const file = options.config === undefined ? {} : await readJsonFile(options.config);
  const settings = mergedSettings(file, { ...options, steps: numIt, lr: endLr });
  const plan = await planRun(options.data, settings, options.split);
  terminal.log(planText(plan));
  for (const warning of plan.warnings) terminal.warn(warning);
  const startedAt = performance.now();
  let progress: Progress | undefined;
  let done = 0;
  const note = (text: string): void => progress?.update(done, text);
  const line = (text: string): void => progress?.log(`  ${text}`);
  const result = await lrFindRun({
    gpu: await openGpu(),
    plan,
    signal,
    ...schedule,
    ...(options.out === undefined ? {} : { out: options.out }),
    ...(options.autotune ? autotuning({ note, line }) : {}),
    onStart: () => {
      progress = startProgress('lr-find', numIt);
    },
    onWarning: (message) => progress?.log(`warning: ${message}`),
    onCompile: noteCompiling(
      (_, text) => note(text),
      () => done,
    ),
    onStep: ({ step, lr, smoothedLoss }) => {
      done = step + 1;
      note(`loss ${smoothedLoss.toFixed(4)}, lr ${lr.toExponential(1)}`);
    },
  }).finally(() => progress?.stop());
  const seconds = (performance.now() - startedAt) / 1000;
  const { figure = null, ...finding } = result;
  terminal.result(
    { ...finding, steps: finding.lrs.length, seconds, figure },
    resultText(result, seconds),
  );
}

function resultText({ valley, lrs, diverged, figure }: LrFindRunResult, seconds: number): string {
  const lr = Number(valley.toPrecision(2));
  const end = diverged ? `, where the loss diverged at ${lrs.at(-1)!.toExponential(1)}` : '';
  return [
    `suggested learning rate ${valley.toPrecision(3)}: train with --lr ${lr}`,
    `${lrs.length} steps in ${showDuration(seconds)}${end}`,
    ...(figure === undefined ? [] : [`figure: ${figure}`]),
  ].join('\n');
}
