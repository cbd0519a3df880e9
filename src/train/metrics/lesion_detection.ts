import { labelComponents } from '../../patch/largest_component.ts';
import type { Triple } from '../../shape.ts';
import { checkMasks, type Mask } from './mask.ts';

/**
 * Share of the target's 6-connected components that the prediction found.
 *
 * @param threshold 0: any shared voxel finds a lesion; above: the Dice of the lesion with the
 *                  prediction inside it, 2|P and L| / (|L| + |P and L|), must exceed it
 * @returns NaN for an empty target; 0 for an empty prediction
 * @throws ShapeError if a mask does not fill the shape `[I,J,K]`
 * @see fastMONAI calculate_lesion_detection_rate
 */
export function lesionDetectionRate(
  prediction: Mask,
  target: Mask,
  shape: Triple,
  { threshold = 0 } = {},
): number {
  checkMasks('lesionDetectionRate', prediction, target, shape);
  const { labels, count, sizes } = labelComponents(target, shape, 6);
  const hits = new Int32Array(count + 1);
  for (let n = 0; n < labels.length; n++) {
    if (prediction[n]) hits[labels[n]!]!++;
  }
  let found = 0;
  for (let lesion = 1; lesion <= count; lesion++) {
    const overlap = hits[lesion]!;
    if (overlap > 0 && (2 * overlap) / (sizes[lesion]! + overlap) > threshold) found++;
  }
  return found / count;
}
