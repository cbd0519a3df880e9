/** Searches the learning rate of a plan. */
import { dirname, extname, join } from 'node:path';
import {
  type LrFinding,
  type LrFindOptions,
  type LrSchedule,
  lrSchedule,
} from '../train/lr_find.ts';
import { chooseKernels } from './choose_kernels.ts';
import { plotLrFind } from './figure/plot_lr_find.ts';
import { makeRunFolder } from './run_folder.ts';
import type { TrainRunOptions } from './train_run.ts';
import { trainingSetup } from './training_setup.ts';
import { makeFolder, writeJsonFile, writeWholeFile } from './whole_file.ts';

type Shared = 'gpu' | 'plan' | 'signal' | 'autotune' | 'onTuned' | 'onWarning' | 'onCompile';

export interface LrFindRunOptions extends Pick<TrainRunOptions, Shared>, Partial<LrSchedule> {
  /**
   * Name of the figure if it ends in .png, or else a run folder, which gets lr_find.json and
   * figures/lr_find.png. Default: nothing is written.
   */
  readonly out?: string;
  readonly onStart?: (facts: { parameters: number; numIt: number }) => void;
  readonly onStep?: LrFindOptions['onStep'];
}

export interface LrFindRunResult extends LrFinding {
  /** Path of the figure. */
  readonly figure: string | undefined;
}

/**
 * Starts as a training of the plan would, with the same weights and batches, and looks for a learning
 * rate. The plan's own learning rate, epochs and steps do not matter.
 *
 * @throws the signal's reason after an abort; nothing is written then
 * @throws GpuError, FormatError and ConfigError of the parts
 */
export async function lrFindRun(options: LrFindRunOptions): Promise<LrFindRunResult> {
  const { gpu, plan, out, signal, onCompile, onStep } = options;
  const schedule = lrSchedule(options);
  const files = out === undefined ? undefined : await filesIn(out);
  const setup = trainingSetup(gpu, plan, options.onWarning);
  const { model, learner, loaders } = setup;
  options.onStart?.({ parameters: model.parameterCount, numIt: schedule.numIt });
  try {
    await chooseKernels({ ...options, model, steps: schedule.numIt });
    const finding = await learner.lrFind({
      ...schedule,
      loaders,
      ...(signal ? { signal } : {}),
      ...(onCompile ? { onCompile } : {}),
      ...(onStep ? { onStep } : {}),
    });
    if (files) {
      await writeWholeFile(files.figure, await plotLrFind(finding));
      if (files.json !== undefined) await writeJsonFile(files.json, finding);
    }
    return { ...finding, figure: files?.figure };
  } finally {
    await setup.dispose();
  }
}

/** Where to write. A place that cannot be written is refused before the search. */
async function filesIn(out: string): Promise<{ figure: string; json?: string }> {
  if (extname(out).toLowerCase() === '.png') {
    await makeFolder(dirname(out));
    return { figure: out };
  }
  const { figures, lrFind } = await makeRunFolder(out);
  return { figure: join(figures, 'lr_find.png'), json: lrFind };
}
