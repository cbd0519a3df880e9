import type { Confusion } from './confusion.ts';

/**
 * Dice similarity coefficient, 2|P and T| / (|P| + |T|).
 *
 * @returns NaN for an empty target, whatever the prediction; 0 for an empty prediction
 * @see fastMONAI calculate_dsc, MONAI compute_dice(ignore_empty=True)
 */
export function dice({ truePositives, falsePositives, falseNegatives }: Confusion): number {
  if (truePositives + falseNegatives === 0) return Number.NaN;
  return (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives);
}
