/** Random values on top of an image's own. Source: TorchIO's Noise. */
import { ConfigError } from '../../errors.ts';
import { type Volume, volume, voxelsLike } from '../../io/volume.ts';
import { threefryNormal } from '../../rng.ts';
import { numbersOf } from './ranges.ts';
import type { Transform } from './transform.ts';

export interface NoiseParams {
  /** Default 0. */
  readonly mean?: number;
  /** Standard deviation, 0 or more. */
  readonly std: number;
  /** Two whole numbers of 32 bits: the same give the same noise. */
  readonly seed: readonly number[];
}

/** The volume plus mean + std·z; z of element n is `threefryNormal` of the seed and n. */
export function addNoise(
  { data, shape, affine }: Volume,
  mean: number,
  std: number,
  seed: readonly [number, number],
): Volume {
  const out = voxelsLike(data, data.length);
  for (let n = 0; n < out.length; n++) {
    out[n] = data[n]! + mean + std * threefryNormal(seed, [0, n]);
  }
  return volume(out, shape, affine);
}

/**
 * Add Gaussian noise to the image, to each channel its own; the label map passes through.
 *
 * @throws ConfigError for a std below 0, and for a seed of other than two 32-bit numbers
 * @see TorchIO Noise(mean, std, seed)
 * Differs from TorchIO: the random numbers, which depend on the seed and the voxel's place alone.
 */
export function noise({ mean = 0, std, seed }: NoiseParams): Transform {
  const [offset, deviation] = [
    numbersOf(mean, 'noise mean', [1])[0]!,
    numbersOf(std, 'noise std', [1])[0]!,
  ];
  if (deviation < 0) {
    throw new ConfigError(
      `noise: std must not be negative. Got ${deviation}. Pass 0 to add the mean alone.`,
    );
  }
  const words = numbersOf(seed, 'noise seed', [2]) as [number, number];
  if (!words.every((word) => word === word >>> 0)) {
    throw new ConfigError(
      `noise: the seed is not two 32-bit numbers. Got ${JSON.stringify(seed)}. Pass whole numbers from 0 to 4294967295.`,
    );
  }
  return {
    name: 'Noise',
    params: { mean: offset, std: deviation, seed: words },
    apply: (subject) => ({ ...subject, image: addNoise(subject.image, offset, deviation, words) }),
  };
}
