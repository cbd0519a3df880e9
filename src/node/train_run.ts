/** Trains what a plan describes and leaves a run folder. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChosenNames } from '../gpu/choices.ts';
import type { Gpu } from '../gpu/device.ts';
import { type TuneOptions, type Tuning, tune } from '../kernels/tuning/tune.ts';
import { kernelsInForce, unknownKernels } from '../kernels/variants/in_force.ts';
import type { StateDict } from '../nn/module.ts';
import { UNet } from '../nn/unet.ts';
import { preprocessingOf } from '../patch/preprocessing.ts';
import { transformFromSpec } from '../patch/transforms/from_spec.ts';
import { Rng } from '../rng.ts';
import { encodeModel } from '../train/checkpoint.ts';
import { dataLoaders } from '../train/data_loaders.ts';
import { bestEpoch, type EpochRecord, type History, type StepRecord } from '../train/history.ts';
import { trainingDemand } from '../train/kernel_choices.ts';
import { Learner } from '../train/learner.ts';
import type { LossScale } from '../train/loss_scaler.ts';
import { encodeTrainingState, type TrainingState } from '../train/training_state.ts';
import { readSubject, type SubjectFiles } from './dataset_folder.ts';
import { plotCurves } from './figure/plot_curves.ts';
import { makeRunFolder, type RunFolder, writeSplitFile } from './run_folder.ts';
import type { RunPlan } from './run_plan.ts';
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
  const { run, split, subjects, classNames, inChannels } = plan;
  const folder = await makeRunFolder(out);
  if (!resume) {
    for (const result of [folder.model, folder.history, folder.checkpoint]) {
      await rm(result, { force: true });
    }
  }
  await writeJsonFile(folder.config, run);
  await writeSplitFile(folder.split, split);

  const { seed, batchSize, learningRate, weightDecay } = run.training;
  const { accumulate, checkpointing, precision } = run.training;
  const rng = Rng.seed(seed);
  const network = { ...run.network, inChannels, outChannels: classNames.length };
  const model = new UNet(gpu, rng.fold(0), network);
  const learner = new Learner({
    gpu,
    model,
    seed,
    adam: { weightDecay },
    accumulate,
    checkpointing,
    precision,
  });
  const files = (names: readonly string[]): SubjectFiles[] =>
    names.map((name) => subjects.get(name)!);
  const rule = { binary: run.binary, classes: classNames.length };
  const loaders = dataLoaders({
    train: files(split.train),
    valid: files(split.validation),
    readSubject: (record) => readSubject(record, rule),
    config: run.patch,
    batchSize,
    augmentations: run.augmentations.map(transformFromSpec),
    seed,
  });
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
  options.onStart?.({
    parameters: model.parameterCount,
    stepsPerEpoch: learner.stepsPerEpoch(loaders.train),
  });
  try {
    const stepsPerEpoch = learner.stepsPerEpoch(loaders.train);
    await writeJsonFile(folder.kernels, await chooseKernels(options, model, stepsPerEpoch));
    const history = await learner.fitOneCycle(
      'epochs' in run.training ? run.training.epochs : 1,
      learningRate,
      {
        loaders,
        ...('steps' in run.training ? { steps: run.training.steps } : {}),
        ...(signal ? { signal } : {}),
        ...(resume ? { resume } : {}),
        ...(options.onCompile ? { onCompile: options.onCompile } : {}),
        onStep: (record, total) => {
          totalSteps = total;
          steps.push(record);
          options.onStep?.(record, total);
        },
        onBest: saveModel,
        onEpoch: async (record, state) => {
          epochs.push(record);
          await saveHistory();
          await writeWholeFile(folder.checkpoint, encodeTrainingState(await state()));
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

/** Shorter runs end before measuring kernels has paid. */
const MIN_STEPS_TO_MEASURE = 50;

/** Puts kernels in force for a run's steps and its validation. Gives their names by problem. */
async function chooseKernels(
  options: TrainRunOptions,
  model: UNet,
  stepsPerEpoch: number,
): Promise<ChosenNames> {
  const { gpu, plan, resume, signal, autotune, onTuned, onWarning } = options;
  const { split, run, inChannels } = plan;
  const { batchSize, accumulate, checkpointing, precision } = run.training;
  const { patchSize, samplesPerVolume } = run.patch;
  const left = (split.validation.length * samplesPerVolume) % batchSize;
  const step = { batchSize, inChannels, patchSize, accumulate, checkpointing, precision };
  for (const kernel of unknownKernels(resume?.kernels ?? {})) {
    onWarning?.(
      `the run used a kernel that is not there any more, '${kernel}': the model may differ in its last digits`,
    );
  }
  gpu.choices.use(resume?.kernels ?? {});
  const validation = left > 0 ? [batchSize, left] : [batchSize];
  let demand = trainingDemand(gpu, model, step, validation);
  if (autotune && !resume) {
    const { training } = run;
    const steps = 'steps' in training ? training.steps : training.epochs * stepsPerEpoch;
    const { open, ...stored } = autotune;
    const measured = open && steps >= MIN_STEPS_TO_MEASURE ? { open } : {};
    const tuning = await tune(gpu, demand.problems, {
      ...stored,
      ...measured,
      ...(signal ? { signal } : {}),
    });
    onTuned?.(tuning);
    if (Object.keys(tuning.chosen).length > 0) {
      demand = trainingDemand(gpu, model, step, validation);
    }
  }
  const { problems, peakBytes } = demand;
  const allowed = run.training.memoryGiB * 2 ** 30;
  if (peakBytes > allowed && plan.memory.peak <= allowed) {
    onWarning?.(
      `with the kernels of this adapter a training step takes ${(peakBytes / 2 ** 30).toFixed(1)} GiB, more than the ${run.training.memoryGiB} GiB to count on`,
    );
  }
  return kernelsInForce(gpu, problems);
}
