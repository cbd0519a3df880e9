/** Contrast: every value to a power. Source: TorchIO's Gamma. */
import { ConfigError, ShapeError } from '../../errors.ts';
import { type Volume, volume } from '../../io/volume.ts';
import { showShape } from '../../shape.ts';
import { minimumOf } from './minimum_of.ts';
import { numbersOf } from './ranges.ts';
import type { Transform } from './transform.ts';

/**
 * x^gamma, and in a channel with negative values sign(x)·|x|^gamma, as float32.
 *
 * @param gamma one per channel
 */
export function gammaVolume({ data, shape, affine }: Volume, gamma: readonly number[]): Volume {
  const out = new Float32Array(data.length);
  const part = data.length / shape[0];
  gamma.forEach((exponent, channel) => {
    const from = channel * part;
    const to = from + part;
    const isSigned = minimumOf(data.subarray(from, to)) < 0;
    for (let n = from; n < to; n++) {
      const x = data[n]!;
      out[n] = isSigned ? Math.sign(x) * Math.abs(x) ** exponent : x ** exponent;
    }
  });
  return volume(out, shape, affine);
}

/**
 * Raise the image's values to a power; the label map passes through. Nothing is rescaled.
 *
 * @param params.gamma one for all channels, or one per channel; below 1 lifts values between 0 and 1
 * @throws ConfigError unless they are above 0; the transform throws ShapeError for another number
 *   of channels
 * @see TorchIO Gamma(gamma)
 */
export function gamma(params: { readonly gamma: number | readonly number[] }): Transform {
  const given = [params.gamma].flat();
  const exponents = numbersOf(given, 'gamma', [Math.max(1, given.length)]);
  if (!exponents.every((exponent) => exponent > 0)) {
    throw new ConfigError(
      `gamma: exponents must be above 0. Got ${showShape(exponents)}. Pass 1 to change nothing.`,
    );
  }
  return {
    name: 'Gamma',
    params: { gamma: params.gamma },
    apply(subject) {
      const channels = subject.image.shape[0];
      if (exponents.length !== 1 && exponents.length !== channels) {
        throw new ShapeError(
          `gamma: needs one exponent, or one per channel. Got ${exponents.length} for the ${channels} channels of '${subject.name}'. Pass as many as there are channels.`,
        );
      }
      const all = Array.from({ length: channels }, (_, n) => exponents[n] ?? exponents[0]!);
      return { ...subject, image: gammaVolume(subject.image, all) };
    },
  };
}
