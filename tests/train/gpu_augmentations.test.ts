import { describe, expect, it } from 'vitest';
import { transformFromSpec } from '../../src/patch/transforms/from_spec.ts';
import type { Transform } from '../../src/patch/transforms/transform.ts';
import { gpuStageNames, hasGpuOp, splitAugmentations } from '../../src/train/gpu_augmentations.ts';

const of = (name: string, params = {}): Transform => transformFromSpec({ name, params });

describe('hasGpuOp', () => {
  it.each([
    ['RandomAffine', { degrees: 3 }, true],
    ['RandomAffine', { defaultPadValue: -1 }, true],
    ['RandomAffine', { defaultPadValue: 'minimum' }, false],
    ['RandomAffine', { imageInterpolation: 'nearest' }, false],
    ['Affine', { labelInterpolation: 'linear' }, false],
    ['Affine', { center: 'origin' }, true],
    ['RandomFlip', { axes: ['LR'] }, true],
    ['Flip', { axes: [0, 2] }, true],
    ['Flip', { axes: ['LR'] }, false],
    ['RandomGamma', {}, true],
    ['RandomBiasField', { order: 2 }, true],
    ['RandomBlur', {}, true],
    ['RandomNoise', {}, true],
    ['Noise', { std: 1, seed: [0, 0] }, true],
    ['ZNormalization', {}, false],
    ['CropOrPad', { targetShape: 4 }, false],
  ])('%s %j: %s', (name, params, expected) => {
    expect(hasGpuOp(of(name, params))).toBe(expected);
  });

  it("takes another's transform of a known name only if it can draw", () => {
    const own: Transform = { name: 'RandomGamma', params: {}, apply: (subject) => subject };
    expect(hasGpuOp(own)).toBe(false);
  });
});

it('splitAugmentations keeps the order: what follows the last transform without an op', () => {
  const names = ({ name }: Transform) => name;
  const list = [of('RandomFlip'), of('ZNormalization'), of('RandomBlur'), of('RandomNoise')];
  const { transforms, deferred } = splitAugmentations(list);
  expect(transforms.map(names)).toEqual(['RandomFlip', 'ZNormalization']);
  expect(deferred.map(names)).toEqual(['RandomBlur', 'RandomNoise']);
  expect(gpuStageNames(list)).toEqual(['Blur', 'Noise']);
  expect(splitAugmentations([])).toEqual({ transforms: [], deferred: [] });
});
