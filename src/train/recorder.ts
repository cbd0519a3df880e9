/** What a learner remembers of its last fit, as numbers to plot. */
import { ConfigError } from '../errors.ts';
import type { History } from './history.ts';
import { SmoothedLoss } from './smoothed_loss.ts';

export interface LossPoint {
  /** Steps done by then. */
  readonly step: number;
  readonly loss: number;
}

/** Curves of training and validation loss. */
export interface LossPlot {
  readonly train: readonly LossPoint[];
  /** At the ends of epochs; empty without validation. */
  readonly valid: readonly LossPoint[];
}

/** @see fastai Recorder */
export class Recorder {
  private record: History | undefined;

  /**
   * Of the last fit, also while it is under way.
   *
   * @throws ConfigError before the first fit
   */
  get history(): History {
    if (this.record) return this.record;
    throw new ConfigError(
      'Recorder: nothing is recorded. Got no fit yet. Call fit or fitOneCycle first.',
    );
  }

  /** A new fit begins. */
  start(history: History): void {
    this.record = history;
  }

  /** Smoothed training loss after each step. */
  get losses(): number[] {
    const smoothed = new SmoothedLoss();
    return this.history.steps.map(({ loss }) => smoothed.update(loss));
  }

  /** Learning rate of each step. */
  get lrs(): number[] {
    return this.history.steps.map(({ lr }) => lr);
  }

  /**
   * The smoothed training loss after each step but the first ones, and the validation loss at the ends
   * of epochs. On Node, `plotLoss` of 'voxgrad/node' draws it.
   *
   * @param options.skipStart steps that are left out. Default 5
   * @param options.withValid Default true
   * @throws ConfigError before the first fit
   * @see fastai Recorder.plot_loss
   */
  plotLoss(options: { readonly skipStart?: number; readonly withValid?: boolean } = {}): LossPlot {
    const { skipStart = 5, withValid = true } = options;
    const train = this.losses.map((loss, n) => ({ step: n + 1, loss })).slice(skipStart);
    const ends = this.history.epochs.map(({ steps, validLoss }) => ({
      step: steps,
      loss: validLoss,
    }));
    const isShown = ({ step, loss }: LossPoint) => step > skipStart && Number.isFinite(loss);
    return { train, valid: withValid ? ends.filter(isShown) : [] };
  }
}
