import { describe, expect, it } from 'vitest';
import { copyAffine } from '../../../src/patch/transforms/copy_affine.ts';
import { cropOrPadTransform } from '../../../src/patch/transforms/crop_or_pad.ts';
import { flip } from '../../../src/patch/transforms/flip.ts';
import { transformFromSpec } from '../../../src/patch/transforms/from_spec.ts';
import { padTransform } from '../../../src/patch/transforms/pad.ts';
import { randomFlip } from '../../../src/patch/transforms/random_flip.ts';
import { resampleTransform } from '../../../src/patch/transforms/resample.ts';
import { resizeTransform } from '../../../src/patch/transforms/resize.ts';
import { toCanonicalTransform } from '../../../src/patch/transforms/to_canonical.ts';
import { zNormalization } from '../../../src/patch/transforms/z_normalization.ts';

const transforms = [
  copyAffine(),
  cropOrPadTransform({ targetShape: [4, 5, 6], paddingMode: 'edge' }),
  flip({ axes: [0, 2] }),
  padTransform({ padding: [1, 0, 2, 0, 0, 0], paddingMode: 3 }),
  randomFlip({ axes: ['LR', 2], flipProbability: 0.3 }),
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

  it('names an unknown transform and the known ones', () => {
    const run = () => transformFromSpec({ name: 'RandomGamma', params: {} });
    expect(run).toThrow(/'RandomGamma'.*CopyAffine, CropOrPad/);
    expect(() => transformFromSpec({ name: 'toString', params: {} })).toThrow(/'toString'/);
  });

  it('names an unknown parameter and the legal ones', () => {
    const run = () => transformFromSpec({ name: 'Flip', params: { axis: [0] } });
    expect(run).toThrow(/Flip has no parameter 'axis'.*axes/);
  });
});
