/** Trains what a plan describes and leaves a run folder. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Gpu } from '../gpu/device.ts';
import type { TuneOptions, Tuning } from '../kernels/tuning/tune.ts';
import type { StateDict } from '../nn/module.ts';
import { preprocessingOf } from '../patch/preprocessing.ts';
import { augmentOnCpu, type BatchLoader } from '../train/batch.ts';
import type { Callback } from '../train/callbacks/callback.ts';
import { saveModel } from '../train/callbacks/save_model.ts';
import { encodeModel } from '../train/checkpoint.ts';
import { bestEpoch, type EpochRecord, type History, type StepRecord } from '../train/history.ts';
import type { LossScale } from '../train/loss_scaler.ts';
import { encodeTrainingState } from '../train/training_state.ts';
import { chooseKernels } from './choose_kernels.ts';
import type { InterruptedRun } from './earlier_run.ts';
import { batchSheet } from './figure/batch_sheet.ts';
import { curvesOf, plotCurves } from './figure/plot_curves.ts';
import { runCallbacks } from './run_callbacks.ts';
import { makeRunFolder, type RunFolder, writeSplitFile } from './run_folder.ts';
import type { RunPlan } from './run_plan.ts';
import type { RunTracker } from './run_tracker.ts';
import { LiveRecord } from './runs/live_record.ts';
import { trainingSetup } from './training_setup.ts';
import { removeLeftovers, writeJsonFile, writeWholeFile } from './whole_file.ts';

export interface TrainRunOptions {
  readonly gpu: Gpu;
  readonly plan: RunPlan;
  /** The run folder. Results of an earlier run there are removed first, unless it is resumed. */
  readonly out: string;
  /** An interrupted run of the same plan goes on; without a state it begins again. */
  readonly resume?: Pick<InterruptedRun, 'state' | 'kernels'>;
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
  /** Between checkpoints within an epoch. Default 60. */
  readonly checkpointSeconds?: number;
  /** Take part in the training, in this order. A resumed run needs those it had. */
  readonly callbacks?: readonly Callback[];
  /** Send elsewhere what the run folder holds. */
  readonly trackers?: readonly RunTracker[];
  /** Receives what callbacks have to say. */
  readonly onMessage?: (text: string) => void;
  readonly onStart?: (facts: {
    readonly parameters: number;
    readonly stepsPerEpoch: number;
    /** Of the interrupted run that goes on. */
    readonly before: History | undefined;
  }) => void;
  /** Called before the first step, with kernels compiled and kernels to compile. */
  readonly onCompile?: (done: number, total: number) => void;
  readonly onStep?: (record: StepRecord, totalSteps: number, smoothedLoss: number) => void;
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
 * checkpoints/ and figures/; and while it is at work status.json and steps.jsonl. Whenever the process
 * ends, `readEarlierRun` finds what it takes to go on to the same model; of the history, `complete` is
 * written last.
 *
 * @throws the signal's reason after an abort; a checkpoint is there then
 * @throws GpuError, FormatError and ConfigError of the parts
 */
export async function trainRun(options: TrainRunOptions): Promise<TrainRunResult> {
  const { gpu, plan, out, signal, resume, callbacks = [] } = options;
  const { run, classNames } = plan;
  // A state of a version that did not choose kernels was computed by the fixed ones.
  const kernels = resume?.state ? (resume.state.kernels ?? {}) : resume?.kernels;
  const folder = await makeRunFolder(out);
  await writeBeginning(folder, options);

  const setup = trainingSetup(gpu, plan, options.onWarning);
  const { model, learner, loaders } = setup;
  const stepsPerEpoch = learner.stepsPerEpoch(loaders.train);
  const { learningRate } = run.training;
  const writeModel = async (stateDict: StateDict): Promise<void> => {
    const bytes = encodeModel({
      architecture: { name: 'UNet', ...model.config },
      patchConfig: run.patch,
      preprocessing: preprocessingOf(run.patch),
      classNames,
      stateDict,
    });
    await writeWholeFile(folder.model, bytes);
  };
  const record: Callback = {
    name: 'record',
    // A failed run keeps the record of what it did.
    onError: (_, { history }) =>
      history.steps.length > 0 ? writeJsonFile(folder.history, history) : undefined,
  };
  options.onStart?.({
    parameters: model.parameterCount,
    stepsPerEpoch,
    before: resume?.state?.history,
  });
  const plannedSteps =
    'steps' in run.training ? run.training.steps : run.training.epochs * stepsPerEpoch;
  const live = await LiveRecord.start({
    root: folder.root,
    data: plan.dataset.root,
    classNames,
    parameters: model.parameterCount,
    totalSteps: plannedSteps,
    resumed: resume !== undefined,
    ...(options.onWarning ? { onWarning: options.onWarning } : {}),
  });
  const { trackers = [] } = options;
  let status: 'FINISHED' | 'FAILED' | 'KILLED' = 'FAILED';
  try {
    for (const tracker of trackers) {
      await tracker.begin({
        root: folder.root,
        data: plan.dataset.root,
        isResumed: resume !== undefined,
        epochs: Math.ceil(plannedSteps / stepsPerEpoch),
        lossName: learner.loss.name,
      });
    }
    await writeBatch(folder, loaders.train, plan, resume !== undefined, signal);
    const chosen = await chooseKernels({
      ...options,
      model,
      steps: plannedSteps,
      ...(kernels ? { kernels } : {}),
    });
    await writeJsonFile(folder.kernels, chosen);
    const history = await learner.fitOneCycle(
      'epochs' in run.training ? run.training.epochs : 1,
      learningRate,
      {
        loaders,
        callbacks: [
          record,
          saveModel({ onSave: writeModel, announce: false }),
          ...runCallbacks(run, folder),
          ...callbacks,
        ],
        ...('steps' in run.training ? { steps: run.training.steps } : {}),
        ...(signal ? { signal } : {}),
        ...(resume?.state ? { resume: resume.state } : {}),
        ...(options.onMessage ? { onMessage: options.onMessage } : {}),
        ...(options.onCompile ? { onCompile: options.onCompile } : {}),
        onStep: (step, total, smoothedLoss) => {
          live.step(step);
          options.onStep?.(step, total, smoothedLoss);
        },
        checkpoint: {
          everySeconds: options.checkpointSeconds ?? 60,
          save: async (state) => {
            await writeJsonFile(folder.history, state.history);
            live.saved(state.history.steps.length);
            await writeWholeFile(folder.checkpoint, encodeTrainingState(state));
            for (const tracker of trackers) tracker.notify();
          },
        },
        onEpoch: (epoch) => options.onEpoch?.(epoch),
      },
    );
    await writeModel(await model.stateDict());
    await writeCurves(folder, history);
    await writeJsonFile(folder.history, { ...history, complete: true });
    await live.end();
    const { lossScale } = learner;
    status = 'FINISHED';
    return {
      folder,
      history,
      best: bestEpoch(history),
      parameters: model.parameterCount,
      lossScale,
    };
  } catch (error) {
    await live.end(error);
    if (signal?.aborted) status = 'KILLED';
    throw error;
  } finally {
    await setup.dispose();
    for (const tracker of trackers) await tracker.end(status);
  }
}

/**
 * Until config.json is there, nothing of an earlier run is left and there is no run. From then on the
 * folder has all that decides the model: kernels.json too, unless kernels are to be chosen.
 */
async function writeBeginning(
  folder: RunFolder,
  { plan, resume, autotune }: TrainRunOptions,
): Promise<void> {
  const { root, figures, config, split, checkpoint, history, model, kernels, mlflow } = folder;
  const { historyCsv, tensorBoard } = folder;
  for (const place of [root, figures, dirname(checkpoint)]) await removeLeftovers(place);
  if (resume) return;
  // The settings first: what is left beside them would count as a run.
  const results = [checkpoint, history, historyCsv, tensorBoard, model, kernels, mlflow];
  for (const place of [config, ...results]) await rm(place, { force: true, recursive: true });
  await writeSplitFile(split, plan.split);
  if (!autotune) await writeJsonFile(kernels, {});
  await writeJsonFile(config, plan.run);
}

/** figures/batch.png: the first training batch as the network sees it. A resumed run may have it. */
async function writeBatch(
  { figures }: RunFolder,
  train: BatchLoader,
  { run, classNames }: RunPlan,
  isResumed: boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  const path = join(figures, 'batch.png');
  if (isResumed && existsSync(path)) return;
  for await (const batch of train.epoch(0, { signal })) {
    const png = batchSheet(augmentOnCpu(batch), {
      spacing: run.patch.targetSpacing,
      classNames,
      title: 'first training batch',
    });
    await writeWholeFile(path, png);
    return;
  }
}

/** figures/training.png: loss per step, Dice per epoch. */
async function writeCurves(folder: RunFolder, history: History): Promise<void> {
  await writeWholeFile(join(folder.figures, 'training.png'), await plotCurves(curvesOf(history)));
}
