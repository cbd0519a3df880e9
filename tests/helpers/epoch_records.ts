import type { FitContext } from '../../src/train/callbacks/callback.ts';
import type { EpochRecord, History } from '../../src/train/history.ts';

/** Epochs of two steps with these values. */
export function epochRecords(
  values: readonly Partial<Pick<EpochRecord, 'trainLoss' | 'validLoss' | 'accumulatedDice'>>[],
): EpochRecord[] {
  return values.map((value, epoch) => ({
    epoch,
    steps: 2 * (epoch + 1),
    trainLoss: Number.NaN,
    validLoss: Number.NaN,
    accumulatedDice: Number.NaN,
    isBest: false,
    seconds: 1,
    ...value,
  }));
}

export function historyOf(epochs: readonly EpochRecord[]): History {
  const steps = Array.from({ length: epochs.at(-1)?.steps ?? 0 }, (_, step) => ({
    step,
    epoch: Math.floor(step / 2),
    loss: 1 / (1 + step),
    lr: 0.01,
    momentum: 0.9,
  }));
  return { totalSteps: 100, lrMax: 0.01, lossName: 'DiceCELoss', steps, epochs: [...epochs] };
}

/** What callbacks see of a fit that has no GPU, and what they say and ask for. */
export function fakeFit(history: History): {
  fit: FitContext;
  messages: string[];
  reasons: string[];
} {
  const [messages, reasons]: [string[], string[]] = [[], []];
  const fit = {
    history,
    isResumed: history.steps.length > 0,
    stop: (reason: string) => reasons.push(reason),
    message: (text: string) => messages.push(text),
  } as unknown as FitContext;
  return { fit, messages, reasons };
}
