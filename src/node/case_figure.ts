/** Figures of evaluated cases. */
import { VoxgradError } from '../errors.ts';
import type { LabelledEvaluation } from '../train/evaluation.ts';
import type { CaseMetrics } from '../train/metrics/evaluate_case.ts';
import type { Evaluation } from '../train/metrics/summary.ts';
import { showSegmentationComparison } from './figure/segmentation_comparison.ts';
import type { AnatomicalPlane } from './figure/slice.ts';
import type { LabelPair } from './prediction_pairs.ts';

/** The cases with the highest and the lowest Dice; one if they are the same, none if no Dice exists. */
export function bestAndWorst({ cases }: Evaluation): CaseMetrics[] {
  const rated = cases.filter(({ dsc }) => !Number.isNaN(dsc)).sort((a, b) => b.dsc - a.dsc);
  return rated.length > 1 ? [rated[0]!, rated.at(-1)!] : rated;
}

export interface CaseFigureOptions {
  /** Path of the scan. Without it, and where it has another grid, labels are drawn alone. */
  readonly image?: string | undefined;
  readonly pair: LabelPair;
  readonly evaluation: LabelledEvaluation;
  /** All labels above 0 are one. */
  readonly binary: boolean;
  /** Default 2, axial. */
  readonly anatomicalPlane?: AnatomicalPlane | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** The Dice of each label in one case. */
function dicePerClass({ classes }: LabelledEvaluation, name: string): Map<number, number> {
  const dices = new Map<number, number>();
  for (const [label, { cases }] of classes ?? []) {
    dices.set(label, cases.find((row) => row.name === name)?.dsc ?? Number.NaN);
  }
  return dices;
}

/**
 * Image, ground truth and prediction of an evaluated case: the slice with the most ground truth.
 *
 * @returns a PNG
 * @throws FormatError for label maps that can no longer be read
 */
export async function caseFigure(options: CaseFigureOptions): Promise<Uint8Array> {
  const { image, pair, evaluation, binary, anatomicalPlane = 2, onWarning } = options;
  const comparison = {
    groundTruth: pair.label,
    prediction: pair.prediction,
    metricValue: evaluation.cases.find(({ name }) => name === pair.name)?.dsc,
    metricPerClass: dicePerClass(evaluation, pair.name),
    classNames: evaluation.classNames,
    binary,
    anatomicalPlane,
    title: pair.name,
  };
  if (image !== undefined) {
    try {
      return await showSegmentationComparison({ ...comparison, image });
    } catch (error) {
      if (!(error instanceof VoxgradError)) throw error;
      onWarning?.(`${pair.name} is drawn without its image. ${error.message}`);
    }
  }
  return showSegmentationComparison(comparison);
}
