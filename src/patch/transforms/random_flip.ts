import { checkAxes, type FlipAxis, flipSubject, voxelAxes } from './flip.ts';
import { checkProbability } from './ranges.ts';
import type { Transform } from './transform.ts';

export interface RandomFlipParams {
  /** Axes that may be flipped, each on its own; left-right only unless given. */
  readonly axes?: readonly FlipAxis[];
  readonly flipProbability?: number;
}

/**
 * Mirror along each of the axes with a probability.
 *
 * @throws ConfigError for an unknown axis or a probability outside [0, 1]
 * @see TorchIO RandomFlip(axes, flip_probability), fastMONAI RandomFlip (axes 'LR')
 */
export function randomFlip({
  axes = ['LR'],
  flipProbability = 0.5,
}: RandomFlipParams = {}): Transform {
  checkAxes('randomFlip', axes);
  checkProbability(flipProbability, 'randomFlip', 'flipProbability');
  return {
    name: 'RandomFlip',
    params: { axes, flipProbability },
    apply(subject, rng) {
      const candidates = voxelAxes(axes, subject.image.affine);
      // One draw per voxel axis, needed or not: the axes' fates do not depend on the list.
      const drawn = [0, 1, 2].filter(() => rng.uniform() < flipProbability);
      return flipSubject(
        subject,
        drawn.filter((axis) => candidates.includes(axis)),
      );
    },
  };
}
