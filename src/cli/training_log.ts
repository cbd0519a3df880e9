/** What a training says on the way: a bar over all steps, a line per epoch, a summary. */

import type { RunPlan } from '../node/run_plan.ts';
import type { TrainRunOptions, TrainRunResult } from '../node/train_run.ts';
import type { Gpu } from '../node.ts';
import type { EpochRecord, StepRecord } from '../train/history.ts';
import { autotuning } from './autotuning.ts';
import { noteCompiling, type Progress, startProgress } from './progress.ts';
import { StepPace } from './step_pace.ts';
import { showBytes, showDuration } from './terminal.ts';

/** Machine-readable summary of a training. */
export interface TrainingSummary {
  readonly run: string;
  readonly model: string;
  readonly parameters: number;
  readonly steps: number;
  readonly epochs: number;
  readonly bestEpoch: number | null;
  readonly bestDice: number | null;
  readonly seconds: number;
  readonly secondsPerStep: number;
  readonly gpuPeakBytes: number;
  readonly residentPeakBytes: number;
  /** Of a run in half precision; null of any other. */
  readonly skippedSteps: number | null;
}

const decimals = (value: number): string => (Number.isFinite(value) ? value.toFixed(4) : '-');

/** Node reports kibibytes. */
const residentPeakBytes = (): number => process.resourceUsage().maxRSS * 1024;

export class TrainingLog {
  private readonly gpu: Gpu;
  private readonly plan: RunPlan;
  private readonly startedAt = performance.now();
  private readonly pace = new StepPace();
  private totalSteps = 0;
  private stepsPerEpoch = 0;
  /** Accumulated Dice of the last epoch. */
  private dice = Number.NaN;
  private progress: Progress | undefined;
  /** First step of this session, and of the epoch under way; a resumed run does not start at 0. */
  private firstStep = 0;
  private epochStart = 0;
  private done = 0;
  /** Choosing kernels comes before the first step. */
  private tuningSeconds = 0;

  constructor(gpu: Gpu, plan: RunPlan) {
    this.gpu = gpu;
    this.plan = plan;
  }

  get callbacks(): Pick<
    TrainRunOptions,
    'onStart' | 'onWarning' | 'onMessage' | 'onCompile' | 'onStep' | 'onEpoch'
  > {
    return {
      onStart: (facts) => this.start(facts),
      onWarning: (message) => this.progress?.log(`warning: ${message}`),
      onMessage: (text) => this.progress?.log(text),
      onCompile: noteCompiling(
        (done, note) => this.progress?.update(done, note),
        () => this.done,
      ),
      onStep: (record, _, smoothedLoss) => this.step(record, smoothedLoss),
      onEpoch: (record) => this.epoch(record),
    };
  }

  /** For a training that chooses its kernels. */
  get autotuning(): Pick<TrainRunOptions, 'autotune' | 'onTuned'> {
    const { autotune, onTuned } = autotuning({
      note: (note) => this.progress?.update(this.done, note),
      line: (line) => this.progress?.log(`  ${line}`),
    });
    return {
      autotune,
      onTuned: (tuning) => {
        this.tuningSeconds = tuning.seconds;
        onTuned(tuning);
      },
    };
  }

  /** Ends the bar. */
  stop(): void {
    this.progress?.stop();
  }

  summary({ folder, history, best, parameters, lossScale }: TrainRunResult): TrainingSummary {
    const seconds = (performance.now() - this.startedAt) / 1000;
    return {
      run: folder.root,
      model: folder.model,
      parameters,
      steps: history.steps.length,
      epochs: history.epochs.length,
      bestEpoch: best?.epoch ?? null,
      bestDice: best?.accumulatedDice ?? null,
      seconds,
      secondsPerStep:
        (seconds - this.tuningSeconds) / Math.max(1, history.steps.length - this.firstStep),
      gpuPeakBytes: this.gpu.pool.peakBytes,
      residentPeakBytes: residentPeakBytes(),
      skippedSteps: lossScale?.skippedSteps ?? null,
    };
  }

  summaryText(result: TrainRunResult): string {
    const facts = this.summary(result);
    const best = result.best
      ? `best validation Dice ${decimals(result.best.accumulatedDice)} in epoch ${result.best.epoch + 1}`
      : 'no validation Dice: the model is that of the last step';
    const { lossScale } = result;
    const scaling = lossScale
      ? [`loss scale ${lossScale.scale}, ${lossScale.skippedSteps} steps skipped by it`]
      : [];
    return [
      `${facts.steps} steps in ${showDuration(facts.seconds)}, ${facts.secondsPerStep.toFixed(2)} s per step, validation and reading included`,
      best,
      ...scaling,
      `peak memory: GPU ${showBytes(facts.gpuPeakBytes)}, process ${showBytes(facts.residentPeakBytes)}`,
      `model: ${facts.model}`,
    ].join('\n');
  }

  private start(facts: Parameters<NonNullable<TrainRunOptions['onStart']>>[0]): void {
    const { parameters, stepsPerEpoch, before } = facts;
    const { training } = this.plan.run;
    this.totalSteps = 'steps' in training ? training.steps : training.epochs * stepsPerEpoch;
    this.stepsPerEpoch = stepsPerEpoch;
    this.firstStep = this.epochStart = this.done = before?.steps.length ?? 0;
    this.dice = before?.epochs.at(-1)?.accumulatedDice ?? Number.NaN;
    process.stderr.write(
      `  ${parameters.toLocaleString('en')} parameters, ${stepsPerEpoch} steps per epoch, ${this.totalSteps} in all\n`,
    );
    this.progress = startProgress('train', this.totalSteps, { from: this.firstStep });
  }

  private step({ step, epoch, lr }: StepRecord, smoothedLoss: number): void {
    this.done = step + 1;
    this.pace.step();
    const { stepsPerEpoch, totalSteps, gpu } = this;
    const { batchSize, accumulate } = this.plan.run.training;
    const samples = this.pace.perSecond * batchSize * accumulate;
    const parts = [
      `epoch ${epoch + 1}/${Math.ceil(totalSteps / stepsPerEpoch)}`,
      `batch ${1 + step - epoch * stepsPerEpoch}/${stepsPerEpoch}`,
      `loss ${smoothedLoss.toFixed(4)}`,
      `Dice ${decimals(this.dice)}`,
      `lr ${lr.toExponential(1)}`,
      `${Number.isFinite(samples) ? samples.toPrecision(3) : '-'} samples/s`,
      `GPU ${showBytes(gpu.pool.peakBytes)}`,
    ];
    this.progress?.update(this.done, parts.join(' | '));
  }

  private epoch(record: EpochRecord): void {
    const { epoch, steps, trainLoss, validLoss, accumulatedDice, isBest, seconds } = record;
    const { idleSeconds = 0 } = record;
    const perStep = seconds / (steps - this.epochStart);
    this.epochStart = steps;
    this.dice = accumulatedDice;
    this.pace.pause();
    const parts = [
      `epoch ${epoch + 1}`,
      `train loss ${decimals(trainLoss)}`,
      `valid loss ${decimals(validLoss)}`,
      `Dice ${decimals(accumulatedDice)}${isBest ? ' (best)' : ''}`,
      ...this.classDices(record),
      `${perStep.toFixed(2)} s/step`,
      `GPU idle for data ${((100 * idleSeconds) / seconds).toFixed(1)} %`,
      `GPU peak ${showBytes(this.gpu.pool.peakBytes)}`,
      `process peak ${showBytes(residentPeakBytes())}`,
    ];
    this.progress?.log(parts.join(' | '));
  }

  /** Dice by class name, where there are several. */
  private classDices({ accumulatedDicePerClass = [] }: EpochRecord): string[] {
    const { classNames } = this.plan;
    return accumulatedDicePerClass.map((dice, n) => `${classNames[n + 1]} ${decimals(dice)}`);
  }
}
