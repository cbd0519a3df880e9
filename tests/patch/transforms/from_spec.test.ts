import { describe, expect, it } from 'vitest';
import { VoxgradError } from '../../../src/errors.ts';
import { affine } from '../../../src/patch/transforms/affine.ts';
import { biasField } from '../../../src/patch/transforms/bias_field.ts';
import { blur } from '../../../src/patch/transforms/blur.ts';
import { copyAffine } from '../../../src/patch/transforms/copy_affine.ts';
import { cropOrPadTransform } from '../../../src/patch/transforms/crop_or_pad.ts';
import { flip } from '../../../src/patch/transforms/flip.ts';
import { transformFromSpec } from '../../../src/patch/transforms/from_spec.ts';
import { gamma } from '../../../src/patch/transforms/gamma.ts';
import { noise } from '../../../src/patch/transforms/noise.ts';
import { padTransform } from '../../../src/patch/transforms/pad.ts';
import { randomAffine } from '../../../src/patch/transforms/random_affine.ts';
import { randomBiasField } from '../../../src/patch/transforms/random_bias_field.ts';
import { randomBlur } from '../../../src/patch/transforms/random_blur.ts';
import { randomFlip } from '../../../src/patch/transforms/random_flip.ts';
import { randomGamma } from '../../../src/patch/transforms/random_gamma.ts';
import { randomNoise } from '../../../src/patch/transforms/random_noise.ts';
import { resampleTransform } from '../../../src/patch/transforms/resample.ts';
import { resizeTransform } from '../../../src/patch/transforms/resize.ts';
import { toCanonicalTransform } from '../../../src/patch/transforms/to_canonical.ts';
import { zNormalization } from '../../../src/patch/transforms/z_normalization.ts';

const transforms = [
  affine({ scales: [1, 2, 3], degrees: 4, center: 'origin', labelInterpolation: 'linear' }),
  biasField({ coefficients: [1, 2, 3, 4], order: 1 }),
  blur({ std: 2 }),
  copyAffine(),
  cropOrPadTransform({ targetShape: [4, 5, 6], paddingMode: 'edge' }),
  flip({ axes: [0, 2] }),
  gamma({ gamma: [0.5, 2] }),
  noise({ mean: 1, std: 2, seed: [3, 4] }),
  padTransform({ padding: [1, 0, 2, 0, 0, 0], paddingMode: 3 }),
  randomAffine({ scales: [0.9, 1.1], isotropic: true, defaultPadValue: 'mean', p: 0.2 }),
  randomBiasField({ coefficients: [0, 0.3], order: 2, p: 1 }),
  randomBlur({ std: [1, 2, 3], p: 0.1 }),
  randomFlip({ axes: ['LR', 2], flipProbability: 0.3 }),
  randomGamma({ logGamma: 0.2, p: 0.7 }),
  randomNoise({ mean: 0.5, std: 0.1, p: 0.4 }),
  resampleTransform({ spacing: [1, 2, 3] }),
  resizeTransform({ targetShape: [7, 8, 9] }),
  toCanonicalTransform(),
  zNormalization({ maskingMethod: 'mean', channelWise: false }),
];

describe('transformFromSpec', () => {
  it.each(transforms.map((t) => [t.name, t] as const))('rebuilds %s from JSON', (_, transform) => {
    const { name, params } = JSON.parse(JSON.stringify(transform));
    const rebuilt = transformFromSpec({ name, params });
    expect(rebuilt.name).toBe(transform.name);
    expect(rebuilt.params).toEqual(transform.params);
  });

  it.each([
    ['Pad', { padding: 1, paddingMode: 'mirror' }, /unknown padding mode.*mirror/],
    ['Pad', { padding: [1, 2] }, /Pad padding: needs 1, 3 or 6/],
    ['Pad', { padding: 0.5 }, /Pad padding.*whole numbers/],
    ['Pad', {}, /Pad padding.*Got undefined/],
    ['CropOrPad', { targetShape: 0 }, /CropOrPad.*positive whole number/],
    ['CropOrPad', { targetShape: 4, paddingMode: 'x' }, /unknown padding mode/],
    ['CropOrPad', {}, /CropOrPad targetShape.*Got undefined/],
    ['Resample', { spacing: [1, -1, 1] }, /Resample: spacing must be above 0/],
    ['Resample', { spacing: '1' }, /Resample spacing.*Got "1"/],
    ['Resize', { targetShape: [2, 2.5, 2] }, /Resize.*positive whole number/],
    ['Resize', { targetShape: [2, 2] }, /Resize targetShape.*1 or 3/],
    ['ZNormalization', { channelWise: 1 }, /channelWise is neither true nor false/],
    ['Flip', {}, /flip: no such axis. Got undefined/],
    ['RandomFlip', { axes: 'XY' }, /randomFlip: no such axis. Got "XY"/],
  ])('%s refuses %j before it sees a scan', (name, params, message) => {
    expect(() => transformFromSpec({ name, params })).toThrow(message);
    expect(() => transformFromSpec({ name, params })).toThrow(VoxgradError);
  });

  it('takes one axis alone as TorchIO does', () => {
    const { params } = transformFromSpec({ name: 'RandomFlip', params: { axes: 'LR' } });
    expect(params.axes).toEqual(['LR']);
    expect(transformFromSpec({ name: 'Flip', params: { axes: 2 } }).params.axes).toEqual([2]);
  });

  it('names an unknown transform and the known ones', () => {
    const run = () => transformFromSpec({ name: 'RandomMotion', params: {} });
    expect(run).toThrow(/'RandomMotion'.*CopyAffine, CropOrPad/);
    expect(() => transformFromSpec({ name: 'toString', params: {} })).toThrow(/'toString'/);
  });

  it('names an unknown parameter and the legal ones', () => {
    const run = () => transformFromSpec({ name: 'Flip', params: { axis: [0] } });
    expect(run).toThrow(/Flip has no parameter 'axis'.*axes/);
  });
});
