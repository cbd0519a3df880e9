import type { Triple } from '../../shape.ts';
import { confusion, sensitivity } from './confusion.ts';
import { dice } from './dice.ts';
import { hausdorff } from './hausdorff.ts';
import { lesionDetectionRate } from './lesion_detection.ts';
import { checkMasks, maskOf } from './mask.ts';
import { signedRelativeVolumeError } from './relative_volume_error.ts';

/** `hd95` is in voxels, as in fastMONAI, `hd95_mm` in millimetres. */
export const METRIC_NAMES = ['dsc', 'hd95', 'sens', 'ldr', 'rve', 'hd95_mm'] as const;
export type MetricName = (typeof METRIC_NAMES)[number];

/** The tutorial's metrics and one in millimetres; NaN where one is not defined. */
export type Metrics = Readonly<Record<MetricName, number>>;

/** One row of the tutorial's table. */
export interface CaseMetrics extends Metrics {
  readonly name: string;
}

export interface EvaluateOptions {
  /** Class to evaluate; without it all labels above 0 are one object. */
  readonly label?: number;
  /** Millimetres per voxel, for `hd95_mm`, which is NaN without it. */
  readonly spacing?: Triple;
}

/**
 * DSC, HD95, sensitivity, lesion detection rate and signed relative volume error of one case, and HD95
 * in millimetres.
 *
 * @param prediction class indices, `[I,J,K]`
 * @param target     class indices on the same grid
 * @throws ShapeError if one of them does not fill the shape
 */
export function evaluateCase(
  name: string,
  prediction: ArrayLike<number>,
  target: ArrayLike<number>,
  shape: Triple,
  { label, spacing }: EvaluateOptions = {},
): CaseMetrics {
  const p = maskOf(prediction, label);
  const t = maskOf(target, label);
  checkMasks(`evaluateCase('${name}')`, p, t, shape);
  const counts = confusion(p, t);
  return {
    name,
    dsc: dice(counts),
    hd95: hausdorff(p, t, shape),
    sens: sensitivity(counts),
    ldr: lesionDetectionRate(p, t, shape),
    rve: signedRelativeVolumeError(counts),
    hd95_mm: spacing ? hausdorff(p, t, shape, { spacing }) : Number.NaN,
  };
}
