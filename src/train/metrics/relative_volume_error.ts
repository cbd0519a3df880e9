import type { Confusion } from './confusion.ts';

/**
 * (|P| - |T|) / |T|: negative where too little was segmented.
 *
 * @returns NaN for an empty target; -1 for an empty prediction
 * @see fastMONAI calculate_signed_rve
 */
export function signedRelativeVolumeError(counts: Confusion): number {
  const target = counts.truePositives + counts.falseNegatives;
  if (target === 0) return Number.NaN;
  return (counts.falsePositives - counts.falseNegatives) / target;
}
