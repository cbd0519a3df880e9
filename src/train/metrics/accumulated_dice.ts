import { ShapeError } from '../../errors.ts';
import type { Confusion } from './confusion.ts';

/** Layout of one batch of logits, `[N, C, voxels]`. */
export interface BatchLayout {
  readonly samples: number;
  readonly channels: number;
  /** Voxels of one sample. */
  readonly voxels: number;
}

/**
 * Dice over a whole validation pass: voxels are counted over all batches and divided once, so small
 * and empty patches weigh what their voxels weigh (nnU-Net's pseudo Dice).
 *
 * @see fastMONAI AccumulatedDice(n_classes=2)
 */
export class AccumulatedDice {
  private readonly classes: number;
  /** [class][true positives, false positives, false negatives] of the foreground classes 1 .. */
  private readonly counts: Float64Array;

  constructor(classes = 2) {
    this.classes = classes;
    this.counts = new Float64Array(3 * Math.max(0, classes - 1));
  }

  reset(): void {
    this.counts.fill(0);
  }

  /**
   * Count one batch. The class of a voxel is the highest logit's (the lowest index on ties); with
   * one channel it is 1 where sigmoid >= 0.5.
   *
   * @param logits `[N, C, ...]`
   * @param target class indices, `[N, 1, ...]`
   * @throws ShapeError if the arrays do not have the layout
   */
  update(logits: ArrayLike<number>, target: ArrayLike<number>, layout: BatchLayout): void {
    const { samples, channels, voxels } = layout;
    if (logits.length !== samples * channels * voxels || target.length !== samples * voxels) {
      throw new ShapeError(
        `AccumulatedDice.update: the arrays do not fill the batch. Got ${logits.length} logits and ${target.length} labels for ${samples} samples of ${channels} channels and ${voxels} voxels. Pass [N,C,...] and [N,1,...].`,
      );
    }
    for (let sample = 0; sample < samples; sample++) {
      const first = sample * channels * voxels;
      for (let voxel = 0; voxel < voxels; voxel++) {
        const predicted = classAt(logits, first + voxel, channels, voxels);
        this.count(predicted, target[sample * voxels + voxel]!);
      }
    }
  }

  /** Add voxels that were counted elsewhere, e.g. on the GPU. `label` is a foreground class, 1 .. classes-1. */
  add(label: number, { truePositives, falsePositives, falseNegatives }: Confusion): void {
    const at = 3 * (label - 1);
    this.counts[at]! += truePositives;
    this.counts[at + 1]! += falsePositives;
    this.counts[at + 2]! += falseNegatives;
  }

  /** Counts of the foreground classes 1, 2, ... */
  get confusions(): Confusion[] {
    return Array.from({ length: this.counts.length / 3 }, (_, n) => ({
      truePositives: this.counts[3 * n]!,
      falsePositives: this.counts[3 * n + 1]!,
      falseNegatives: this.counts[3 * n + 2]!,
    }));
  }

  /** Of the foreground classes 1, 2, ...; NaN for one that occurred in neither target nor prediction. */
  get perClass(): number[] {
    return this.confusions.map(({ truePositives, falsePositives, falseNegatives }) => {
      const shared = 2 * truePositives;
      return shared / (shared + falsePositives + falseNegatives);
    });
  }

  /** Mean over the foreground classes that occurred in target or prediction; NaN if none did. */
  get value(): number {
    const dices = this.perClass.filter((dice) => !Number.isNaN(dice));
    return dices.reduce((a, b) => a + b, 0) / dices.length;
  }

  private count(predicted: number, wanted: number): void {
    if (predicted === wanted) {
      if (wanted > 0 && wanted < this.classes) this.counts[3 * (wanted - 1)]!++;
      return;
    }
    if (predicted > 0 && predicted < this.classes) this.counts[3 * (predicted - 1) + 1]!++;
    if (wanted > 0 && wanted < this.classes) this.counts[3 * (wanted - 1) + 2]!++;
  }
}

function classAt(logits: ArrayLike<number>, first: number, channels: number, step: number): number {
  if (channels === 1) return Math.fround(1 / (1 + Math.exp(-logits[first]!))) >= 0.5 ? 1 : 0;
  let best = 0;
  let highest = logits[first]!;
  for (let channel = 1; channel < channels; channel++) {
    const logit = logits[first + channel * step]!;
    if (logit > highest) {
      highest = logit;
      best = channel;
    }
  }
  return best;
}
