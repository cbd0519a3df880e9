import { ConfigError } from '../../errors.ts';
import type { Triple } from '../../shape.ts';
import { type AffineSettings, affine, affineSettings } from './affine.ts';
import { randomTransform, withProbability } from './random_transform.ts';
import { drawTriple, rangesOf } from './ranges.ts';
import type { Transform } from './transform.ts';

/**
 * Ranges along R, A, S: one number (or three) n means -n to n (for scales, 1 - n to 1 + n), two the
 * range of all axes, six low and high of each.
 */
export interface RandomAffineParams extends AffineSettings {
  /** Above 1 magnifies. */
  readonly scales?: number | readonly number[];
  readonly degrees?: number | readonly number[];
  /** Millimetres; on patches voxels, as their affine is the identity. */
  readonly translation?: number | readonly number[];
  /** One scale for all axes, drawn from the first range. */
  readonly isotropic?: boolean;
  /** Probability of a motion. */
  readonly p?: number;
}

/**
 * `affine` with scales, angles and translations drawn uniformly from ranges.
 *
 * @throws ConfigError for what is no range, scales that reach 0, and settings that `affine` refuses
 * @see TorchIO RandomAffine
 * Differs from TorchIO: defaults are those of fastMONAI's RandomAffine, which are scales 0 (there
 * 0.1), defaultPadValue 0 (there 'minimum') and p 0.5 (there 1). No 'otsu'.
 */
export function randomAffine({
  scales = 0,
  degrees = 10,
  translation = 0,
  isotropic = false,
  p = 0.5,
  ...rest
}: RandomAffineParams = {}): Transform {
  const settings = affineSettings(rest, 'randomAffine');
  const ranges = {
    scales: rangesOf(scales, 1, 'randomAffine scales'),
    degrees: rangesOf(degrees, 0, 'randomAffine degrees'),
    translation: rangesOf(translation, 0, 'randomAffine translation'),
  };
  if (!ranges.scales.every(([low]) => low > 0)) {
    throw new ConfigError(
      `randomAffine: scales must stay above 0. Got ranges ${JSON.stringify(ranges.scales)}. A single number is a distance from 1: pass less than 1, or a range such as [0.9, 1.1].`,
    );
  }
  if (typeof isotropic !== 'boolean' || (isotropic && [scales].flat().length > 2)) {
    throw new ConfigError(
      `randomAffine: isotropic scales have one range. Got isotropic ${JSON.stringify(isotropic)} with scales ${JSON.stringify(scales)}. Pass one or two scales, or isotropic false.`,
    );
  }
  const draw = withProbability(p, 'randomAffine', (_, rng) => {
    const drawn = drawTriple(ranges.scales, rng);
    const same: Triple = [drawn[0], drawn[0], drawn[0]];
    return affine({
      scales: isotropic ? same : drawn,
      degrees: drawTriple(ranges.degrees, rng),
      translation: drawTriple(ranges.translation, rng),
      ...settings,
    });
  });
  const params = { scales, degrees, translation, isotropic, ...settings, p };
  return randomTransform({ name: 'RandomAffine', params }, draw);
}
