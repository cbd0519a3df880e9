/** One training in a worker: starts, pauses, survives the loss of its device, and gives its model at any time. */
import { GpuError, GpuMemoryError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import type { StateDict } from '../nn/module.ts';
import { preprocessingOf } from '../patch/preprocessing.ts';
import type { Callback, FitContext } from '../train/callbacks/callback.ts';
import { saveModel } from '../train/callbacks/save_model.ts';
import { type DecodedModel, encodeModel } from '../train/checkpoint.ts';
import { bestEpoch, type EpochRecord, type History } from '../train/history.ts';
import { type RunLearner, runLearner } from '../train/run_learner.ts';
import type { TrainingState } from '../train/training_state.ts';
import { inspectTraining, readTrainingCase, type TrainingCase } from './training_data.ts';
import { planTraining, type TrainingPlan, type TrainSettings } from './training_plan.ts';
import { TrainingProgress, type TrainProgress } from './training_progress.ts';

export interface TrainingSessionOptions {
  readonly cases: readonly TrainingCase[];
  readonly settings?: TrainSettings;
  /** The model that is trained further. Default: a new network. */
  readonly start?: DecodedModel;
  /** A device that works; asked again when one was lost, and stays the caller's. */
  readonly openGpu: () => Promise<Gpu>;
  readonly onProgress?: (progress: TrainProgress) => void;
  readonly signal?: AbortSignal;
  /** Between two checkpoints within an epoch. Default 15. */
  readonly checkpointSeconds?: number;
}

export interface TrainedModel {
  /** What `voxgrad predict` and `loadLearner` take: the best weights, or the last where none was validated. */
  readonly file: Uint8Array<ArrayBuffer>;
  readonly history: History;
  /** The epoch whose weights these are. */
  readonly best: EpochRecord | undefined;
  readonly plan: TrainingPlan;
  /** Whether `stop` ended it. */
  readonly isStopped: boolean;
  /** Devices that were lost on the way. */
  readonly devicesLost: number;
}

interface Waiting {
  readonly resolve: (weights: StateDict) => void;
  readonly reject: (error: unknown) => void;
}

/** Devices lost in a row without a step between them: then something is wrong that a new one does not cure. */
const MOST_LOSSES = 3;

export class TrainingSession {
  private readonly options: TrainingSessionOptions;
  private readonly progress: TrainingProgress;
  private readonly stopping = new AbortController();
  private readonly signal: AbortSignal;
  private plan: TrainingPlan | undefined;
  private architecture: DecodedModel['architecture'] | undefined;
  private state: TrainingState | undefined;
  private best: StateDict | undefined;
  private result: Uint8Array<ArrayBuffer> | undefined;
  private isPaused = false;
  private devicesLost = 0;
  /** Who waits for the weights as they are, and what lets a paused training look again. */
  private readonly waiting: Waiting[] = [];
  private wake = (): void => {};

  constructor(options: TrainingSessionOptions) {
    this.options = options;
    this.progress = new TrainingProgress(options.onProgress ?? (() => {}));
    const { signal } = options;
    this.signal = signal ? AbortSignal.any([signal, this.stopping.signal]) : this.stopping.signal;
    this.signal.addEventListener('abort', () => this.wake());
  }

  /**
   * Trains to the end, or until `stop`. The same files, settings and adapter give the same bytes, and the
   * same as `runLearner` and `exportLearner` anywhere else, however often it was paused or lost its device.
   *
   * @throws ConfigError and FormatError for files and settings that cannot be trained on
   * @throws GpuMemoryError for a step that would take more than `gpuBytes`
   * @throws GpuError for a device that is lost again and again, or a loss that is not finite
   * @throws the signal's reason
   */
  async run(): Promise<TrainedModel> {
    const { cases, settings, start } = this.options;
    try {
      const data = await inspectTraining(cases, {
        signal: this.signal,
        onProgress: (done, total) => this.progress.stage('reading', done, total),
      });
      const plan = planTraining(data, settings, start);
      this.plan = plan;
      if (plan.refusal) throw refused(plan);
      for (let losses = 0; ; ) {
        const before = this.state?.history.steps.length ?? 0;
        const gpu = await this.options.openGpu();
        const lost = watch(gpu);
        try {
          return await this.attempt(gpu, plan);
        } catch (error) {
          if (this.signal.aborted || !(await lost())) throw error;
          this.devicesLost++;
          losses = (this.state?.history.steps.length ?? 0) > before ? 1 : losses + 1;
          if (losses > MOST_LOSSES) throw error;
          this.progress.restart(this.state?.history);
        }
      }
    } catch (error) {
      if (error !== this.stopping.signal.reason || !this.stopping.signal.aborted) throw error;
      return this.stopped();
    } finally {
      this.progress.flush();
      const over = new GpuError(
        'TrainingSession.model: the training has ended without a model. Got none. Start again.',
      );
      for (const { reject } of this.waiting.splice(0)) reject(over);
    }
  }

  /** Holds before the next step. */
  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    this.wake();
  }

  /** Ends the training between two steps; the best weights so far are its result. */
  stop(): void {
    this.stopping.abort(new DOMException('The training was stopped.', 'AbortError'));
  }

  /**
   * A model file of the best weights so far, or of those after the step under way where nothing was
   * validated yet.
   *
   * @throws GpuError where the training ends before its first step
   */
  async model(): Promise<Uint8Array<ArrayBuffer>> {
    if (this.result) return this.result;
    if (this.best) return this.encode(this.best);
    const weights = await new Promise<StateDict>((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.wake();
    });
    return this.encode(weights);
  }

  private async attempt(gpu: Gpu, plan: TrainingPlan): Promise<TrainedModel> {
    const parts = this.build(gpu, plan);
    const { run } = plan;
    try {
      this.architecture = { name: 'UNet', ...parts.model.config };
      const history = await parts.learner.fitOneCycle(1, run.training.learningRate, {
        ...('steps' in run.training ? { steps: run.training.steps } : {}),
        signal: this.signal,
        loaders: parts.loaders,
        callbacks: [
          saveModel({
            announce: false,
            onSave: (weights) => {
              this.best = weights;
            },
          }),
          this.gate(),
        ],
        ...(this.state ? { resume: this.state } : {}),
        checkpoint: {
          everySeconds: this.options.checkpointSeconds ?? 15,
          save: async (state) => {
            // The history goes on being written to.
            this.state = { ...state, history: structuredClone(state.history) };
          },
        },
        onCompile: (done, total) => this.progress.stage('compiling', done, total),
        onStep: (record, total, smoothed) => this.progress.step(record, total, smoothed),
        onEpoch: (record) => this.progress.epoch(record),
      });
      this.result = this.encode(await parts.model.stateDict());
      return this.trained(history, this.result, false);
    } finally {
      parts.dispose();
    }
  }

  private build(gpu: Gpu, plan: TrainingPlan): RunLearner {
    const { cases, start } = this.options;
    const byName = new Map(cases.map((item) => [item.name, item]));
    const pick = (names: readonly string[]): TrainingCase[] =>
      names.map((name) => byName.get(name)!);
    return runLearner({
      gpu,
      run: plan.run,
      inChannels: plan.inChannels,
      outChannels: plan.classNames.length,
      data: {
        train: pick(plan.split.train),
        valid: pick(plan.split.validation),
        readSubject: (item) => readTrainingCase(item, plan.classes),
      },
      ...(start ? { start } : {}),
    });
  }

  /** Where a training can be held, and its weights read: between two steps. */
  private gate(): Callback {
    return {
      name: 'gate',
      order: 90,
      beforeValidate: () => this.progress.validating(),
      afterBatch: async (_, fit) => {
        for (;;) {
          await this.answer(fit);
          if (!this.isPaused || this.signal.aborted) break;
          this.progress.paused();
          await new Promise<void>((resolve) => {
            this.wake = resolve;
            // What came since the loop began is not missed.
            const isDue = this.waiting.length > 0 || !this.isPaused || this.signal.aborted;
            if (isDue) resolve();
          });
        }
        this.wake = () => {};
        this.progress.running();
      },
    };
  }

  private async answer({ model }: FitContext): Promise<void> {
    const requests = this.waiting.splice(0);
    if (requests.length === 0) return;
    try {
      const weights = await model.stateDict();
      for (const { resolve } of requests) resolve(weights);
    } catch (error) {
      // The device may be lost: another one will answer.
      this.waiting.push(...requests);
      throw error;
    }
  }

  private stopped(): TrainedModel {
    const { state } = this;
    if (!state) throw this.stopping.signal.reason;
    this.result = this.encode(this.best ?? state.model);
    return this.trained(state.history, this.result, true);
  }

  private trained(
    history: History,
    file: Uint8Array<ArrayBuffer>,
    isStopped: boolean,
  ): TrainedModel {
    const { plan, devicesLost } = this;
    return { file, history, best: bestEpoch(history), plan: plan!, isStopped, devicesLost };
  }

  private encode(stateDict: StateDict): Uint8Array<ArrayBuffer> {
    const { run, classNames } = this.plan!;
    const bytes = encodeModel({
      architecture: this.architecture!,
      patchConfig: run.patch,
      preprocessing: preprocessingOf(run.patch),
      classNames,
      stateDict,
    });
    return bytes as Uint8Array<ArrayBuffer>;
  }
}

/** Tells after an error whether the device is gone. */
function watch({ device }: Gpu): () => Promise<boolean> {
  let isLost = false;
  void device.lost.then(() => {
    isLost = true;
  });
  // The failure of a readback may arrive before the news of the loss.
  return async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return isLost;
  };
}

function refused({ run, memory, refusal }: TrainingPlan): GpuMemoryError {
  const { reason, patchSize, bytes = memory.peak } = refusal!;
  const offer = patchSize
    ? `Choose patches of ${patchSize.join(' × ')} voxels, or fewer per step.`
    : 'Choose fewer patches per step or a smaller network.';
  return new GpuMemoryError(
    `train: there is not enough memory. ${reason} ${offer}`,
    patchSize
      ? { suggestion: { patchSize, swBatchSize: run.training.batchSize, gpuBytes: bytes } }
      : {},
  );
}
