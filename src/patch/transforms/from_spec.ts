import { ConfigError } from '../../errors.ts';
import { affine } from './affine.ts';
import { biasField } from './bias_field.ts';
import { blur } from './blur.ts';
import { copyAffine } from './copy_affine.ts';
import { cropOrPadTransform } from './crop_or_pad.ts';
import { flip } from './flip.ts';
import { gamma } from './gamma.ts';
import { noise } from './noise.ts';
import { padTransform } from './pad.ts';
import { randomAffine } from './random_affine.ts';
import { randomBiasField } from './random_bias_field.ts';
import { randomBlur } from './random_blur.ts';
import { randomFlip } from './random_flip.ts';
import { randomGamma } from './random_gamma.ts';
import { randomNoise } from './random_noise.ts';
import { resampleTransform } from './resample.ts';
import { resizeTransform } from './resize.ts';
import { toCanonicalTransform } from './to_canonical.ts';
import type { Transform, TransformSpec } from './transform.ts';
import { zNormalization } from './z_normalization.ts';

interface Entry {
  readonly params: readonly string[];
  readonly build: (params: never) => Transform;
}

/** Beside the ranges, or values, of a motion. */
const AFFINE_SETTINGS = ['center', 'defaultPadValue', 'imageInterpolation', 'labelInterpolation'];

/** By TorchIO's class name. */
const KNOWN: Readonly<Record<string, Entry>> = {
  Affine: { params: ['scales', 'degrees', 'translation', ...AFFINE_SETTINGS], build: affine },
  BiasField: { params: ['coefficients', 'order'], build: biasField },
  Blur: { params: ['std'], build: blur },
  CopyAffine: { params: [], build: copyAffine },
  CropOrPad: { params: ['targetShape', 'paddingMode'], build: cropOrPadTransform },
  Flip: { params: ['axes'], build: flip },
  Gamma: { params: ['gamma'], build: gamma },
  Noise: { params: ['mean', 'std', 'seed'], build: noise },
  Pad: { params: ['padding', 'paddingMode'], build: padTransform },
  RandomAffine: {
    params: ['scales', 'degrees', 'translation', 'isotropic', ...AFFINE_SETTINGS, 'p'],
    build: randomAffine,
  },
  RandomBiasField: { params: ['coefficients', 'order', 'p'], build: randomBiasField },
  RandomBlur: { params: ['std', 'p'], build: randomBlur },
  RandomFlip: { params: ['axes', 'flipProbability'], build: randomFlip },
  RandomGamma: { params: ['logGamma', 'p'], build: randomGamma },
  RandomNoise: { params: ['mean', 'std', 'p'], build: randomNoise },
  Resample: { params: ['spacing'], build: resampleTransform },
  Resize: { params: ['targetShape'], build: resizeTransform },
  ToCanonical: { params: [], build: toCanonicalTransform },
  ZNormalization: { params: ['maskingMethod', 'channelWise'], build: zNormalization },
};

/**
 * The transform that a specification describes, e.g. one read from a checkpoint.
 *
 * @throws ConfigError for an unknown transform or parameter, and whatever the transform itself refuses
 */
export function transformFromSpec({ name, params }: TransformSpec): Transform {
  const entry = Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
  if (!entry) {
    throw new ConfigError(
      `transformFromSpec: unknown transform. Got '${name}'. Use one of ${Object.keys(KNOWN).join(', ')}.`,
    );
  }
  const unknown = Object.keys(params).filter((key) => !entry.params.includes(key));
  if (unknown.length > 0) {
    throw new ConfigError(
      `transformFromSpec: ${name} has no parameter '${unknown.join("', '")}'. Legal parameters: ${entry.params.join(', ') || 'none'}. Remove it or correct its name.`,
    );
  }
  return entry.build(params as never);
}
