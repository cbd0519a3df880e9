import { checkMasks, type Mask } from './mask.ts';

/** Numbers of voxels. */
export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
}

/**
 * Voxels that both masks, only the prediction or only the target hold.
 *
 * @throws ShapeError if the masks differ in length
 */
export function confusion(prediction: Mask, target: Mask): Confusion {
  checkMasks('confusion', prediction, target);
  let both = 0;
  let predicted = 0;
  let wanted = 0;
  for (let n = 0; n < target.length; n++) {
    const p = prediction[n]!;
    const t = target[n]!;
    both += p & t;
    predicted += p;
    wanted += t;
  }
  return { truePositives: both, falsePositives: predicted - both, falseNegatives: wanted - both };
}

/** TP / (TP + FN); NaN for an empty target. @see fastMONAI calculate_confusion_metrics('sensitivity') */
export function sensitivity({ truePositives, falseNegatives }: Confusion): number {
  return truePositives / (truePositives + falseNegatives);
}

/** TP / (TP + FP); NaN for an empty prediction. @see fastMONAI calculate_confusion_metrics('precision') */
export function precision({ truePositives, falsePositives }: Confusion): number {
  return truePositives / (truePositives + falsePositives);
}
