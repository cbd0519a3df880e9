/** Figures of evaluated cases. */
import type { CaseMetrics } from '../train/metrics/evaluate_case.ts';
import type { Evaluation } from '../train/metrics/summary.ts';
import { segmentationComparison } from './figure/segmentation_comparison.ts';
import { readNiftiFile } from './nifti_file.ts';
import type { LabelPair } from './prediction_pairs.ts';

/** The cases with the highest and the lowest Dice; one if they are the same, none if no Dice exists. */
export function bestAndWorst({ cases }: Evaluation): CaseMetrics[] {
  const rated = cases.filter(({ dsc }) => !Number.isNaN(dsc)).sort((a, b) => b.dsc - a.dsc);
  return rated.length > 1 ? [rated[0]!, rated.at(-1)!] : rated;
}

/**
 * Image, ground truth and prediction of a case, axial slice with the most ground truth.
 *
 * @param image path of the scan
 * @param binary show the ground truth's labels as one
 */
export async function caseFigure(
  image: string,
  pair: LabelPair,
  dice: number,
  binary: boolean,
): Promise<Uint8Array> {
  const truth = await readNiftiFile(pair.label);
  const merged = { ...truth, data: truth.data.map((value) => (value > 0 ? 1 : 0)) };
  return segmentationComparison({
    image: await readNiftiFile(image),
    groundTruth: binary ? merged : truth,
    prediction: await readNiftiFile(pair.prediction),
    dice,
    title: pair.name,
  });
}
