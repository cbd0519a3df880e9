import { axesOf, type FlipAxis, flip, voxelAxes } from './flip.ts';
import { randomTransform } from './random_transform.ts';
import { checkProbability } from './ranges.ts';
import type { Transform } from './transform.ts';

export interface RandomFlipParams {
  /** Axes that may be flipped, each on its own; left-right only unless given. */
  readonly axes?: FlipAxis | readonly FlipAxis[];
  readonly flipProbability?: number;
}

/**
 * Mirror along each of the axes with a probability.
 *
 * @throws ConfigError for an unknown axis or a probability outside [0, 1]
 * @see TorchIO RandomFlip(axes, flip_probability), fastMONAI RandomFlip (axes 'LR')
 */
export function randomFlip(params: RandomFlipParams = {}): Transform {
  const { flipProbability = 0.5 } = params;
  const axes = axesOf('randomFlip', params.axes ?? 'LR');
  checkProbability(flipProbability, 'randomFlip', 'flipProbability');
  return randomTransform(
    { name: 'RandomFlip', params: { axes, flipProbability } },
    ({ affine }, rng) => {
      const candidates = voxelAxes(axes, affine);
      // One draw per voxel axis, needed or not: the axes' fates do not depend on the list.
      const drawn = ([0, 1, 2] as const).filter(() => rng.uniform() < flipProbability);
      const flipped = drawn.filter((axis) => candidates.includes(axis));
      return flipped.length > 0 ? flip({ axes: flipped }) : null;
    },
  );
}
