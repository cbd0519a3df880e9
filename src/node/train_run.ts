/** Trains what a plan describes and leaves a run folder. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Gpu } from '../gpu/device.ts';
import type { TuneOptions, Tuning } from '../kernels/tuning/tune.ts';
import type { StateDict } from '../nn/module.ts';
import { preprocessingOf } from '../patch/preprocessing.ts';
import type { Callback } from '../train/callbacks/callback.ts';
import { encodeModel } from '../train/checkpoint.ts';
import { bestEpoch, type EpochRecord, type History, type StepRecord } from '../train/history.ts';
import type { LossScale } from '../train/loss_scaler.ts';
import { encodeTrainingState, type TrainingState } from '../train/training_state.ts';
import { chooseKernels } from './choose_kernels.ts';
import { plotCurves } from './figure/plot_curves.ts';
import { makeRunFolder, type RunFolder, writeSplitFile } from './run_folder.ts';
import type { RunPlan } from './run_plan.ts';
import { trainingSetup } from './training_setup.ts';
import { writeJsonFile, writeWholeFile } from './whole_file.ts';

export interface TrainRunOptions {
  readonly gpu: Gpu;
  readonly plan: RunPlan;
  /** The run folder. Results of an earlier run there are removed first, unless it is resumed. */
  readonly out: string;
  /** Where an interrupted run of the same plan goes on. */
  readonly resume?: TrainingState;
  /** Ends training between two steps; what is there by then is written. */
  readonly signal?: AbortSignal;
  /**
   * Chooses each convolution's kernel for this adapter before the first step; what is not stored is
   * measured only where the run is long enough to earn that back. Not of a resumed run, which goes on
   * with its kernels. Default: the fixed ones.
   */
  readonly autotune?: TuneOptions;
  readonly onTuned?: (tuning: Tuning) => void;
  /** Receives what is legal but probably not meant. */
  readonly onWarning?: (message: string) => void;
  /** Take part in the training, in this order. A resumed run needs those it had. */
  readonly callbacks?: readonly Callback[];
  /** Receives what callbacks have to say. */
  readonly onMessage?: (text: string) => void;
  readonly onStart?: (facts: { parameters: number; stepsPerEpoch: number }) => void;
  /** Called before the first step, with kernels compiled and kernels to compile. */
  readonly onCompile?: (done: number, total: number) => void;
  readonly onStep?: (record: StepRecord, totalSteps: number) => void;
  readonly onEpoch?: (record: EpochRecord) => void;
}

export interface TrainRunResult {
  readonly folder: RunFolder;
  readonly history: History;
  /** The epoch whose weights the model file holds; undefined: the last, as none had a Dice. */
  readonly best: EpochRecord | undefined;
  readonly parameters: number;
  /** Of a run in half precision, at its end. */
  readonly lossScale: LossScale | undefined;
}

/**
 * Trains and writes config.json, split.json, kernels.json, history.json, model.safetensors,
 * checkpoints/ and figures/.
 *
 * @throws the signal's reason after an abort; files of finished epochs are there then
 * @throws GpuError, FormatError and ConfigError of the parts
 */
export async function trainRun(options: TrainRunOptions): Promise<TrainRunResult> {
  const { gpu, plan, out, signal, resume } = options;
  const { run, split, classNames } = plan;
  const folder = await makeRunFolder(out);
  if (!resume) {
    for (const result of [folder.model, folder.history, folder.checkpoint]) {
      await rm(result, { force: true });
    }
  }
  await writeJsonFile(folder.config, run);
  await writeSplitFile(folder.split, split);

  const { model, learner, loaders } = trainingSetup(gpu, plan);
  const stepsPerEpoch = learner.stepsPerEpoch(loaders.train);
  const { learningRate } = run.training;
  const saveModel = async (stateDict: StateDict): Promise<void> => {
    const bytes = encodeModel({
      architecture: { name: 'UNet', ...model.config },
      patchConfig: run.patch,
      preprocessing: preprocessingOf(run.patch),
      classNames,
      stateDict,
    });
    await writeWholeFile(folder.model, bytes);
  };
  const steps: StepRecord[] = [...(resume?.history.steps ?? [])];
  const epochs: EpochRecord[] = [...(resume?.history.epochs ?? [])];
  let totalSteps = resume?.history.totalSteps ?? 0;
  const saveHistory = (): Promise<void> => {
    const history: History = {
      totalSteps,
      lrMax: learningRate,
      lossName: learner.loss.name,
      steps,
      epochs,
    };
    return writeJsonFile(folder.history, history);
  };
  options.onStart?.({ parameters: model.parameterCount, stepsPerEpoch });
  try {
    const kernels = await chooseKernels({
      ...options,
      model,
      steps: 'steps' in run.training ? run.training.steps : run.training.epochs * stepsPerEpoch,
      ...(resume ? { kernels: resume.kernels ?? {} } : {}),
    });
    await writeJsonFile(folder.kernels, kernels);
    const history = await learner.fitOneCycle(
      'epochs' in run.training ? run.training.epochs : 1,
      learningRate,
      {
        loaders,
        ...('steps' in run.training ? { steps: run.training.steps } : {}),
        ...(signal ? { signal } : {}),
        ...(resume ? { resume } : {}),
        ...(options.callbacks ? { callbacks: options.callbacks } : {}),
        ...(options.onMessage ? { onMessage: options.onMessage } : {}),
        ...(options.onCompile ? { onCompile: options.onCompile } : {}),
        onStep: (record, total) => {
          totalSteps = total;
          steps.push(record);
          options.onStep?.(record, total);
        },
        onBest: saveModel,
        checkpoint: {
          save: async (state) => {
            await writeJsonFile(folder.history, state.history);
            await writeWholeFile(folder.checkpoint, encodeTrainingState(state));
          },
        },
        onEpoch: (record) => {
          epochs.push(record);
          options.onEpoch?.(record);
        },
      },
    );
    const best = bestEpoch(history);
    if (!best) await saveModel(await model.stateDict());
    await writeCurves(folder, history);
    const { lossScale } = learner;
    return { folder, history, best, parameters: model.parameterCount, lossScale };
  } catch (error) {
    // An interrupted or failed run keeps the record of what it did.
    if (steps.length > 0) await saveHistory();
    throw error;
  } finally {
    learner.dispose();
    model.dispose();
  }
}

/** figures/training.png: loss per step, Dice per epoch. */
async function writeCurves(folder: RunFolder, history: History): Promise<void> {
  const png = await plotCurves({
    stepLosses: history.steps.map(({ loss }) => loss),
    epochs: history.epochs.map(({ steps, validLoss, accumulatedDice }) => ({
      step: steps,
      validLoss,
      dice: accumulatedDice,
    })),
  });
  await writeWholeFile(join(folder.figures, 'training.png'), png);
}
