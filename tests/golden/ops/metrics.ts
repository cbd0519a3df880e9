import { toTriple } from '../../../src/shape.ts';
import { confusion, precision, sensitivity } from '../../../src/train/metrics/confusion.ts';
import { dice } from '../../../src/train/metrics/dice.ts';
import { hausdorff } from '../../../src/train/metrics/hausdorff.ts';
import { lesionDetectionRate } from '../../../src/train/metrics/lesion_detection.ts';
import { maskOf } from '../../../src/train/metrics/mask.ts';
import { signedRelativeVolumeError } from '../../../src/train/metrics/relative_volume_error.ts';
import type { GoldenHandler } from '../case.ts';

export const handler: GoldenHandler = (c) => {
  const shape = toTriple(c.input('target').shape, 'target');
  const prediction = maskOf(c.input('pred').data);
  const target = maskOf(c.input('target').data);
  const counts = confusion(prediction, target);
  return {
    dsc: { data: [dice(counts)] },
    hd95: { data: [hausdorff(prediction, target, shape)] },
    hd100: { data: [hausdorff(prediction, target, shape, { percentile: null })] },
    sensitivity: { data: [sensitivity(counts)] },
    precision: { data: [precision(counts)] },
    ldr: { data: [lesionDetectionRate(prediction, target, shape)] },
    rve: { data: [signedRelativeVolumeError(counts)] },
  };
};
