import { describe, expect, it } from 'vitest';
import { fromSpacing, identityAffine } from '../../src/io/affine.ts';
import { volume } from '../../src/io/volume.ts';
import { patchConfig } from '../../src/patch/patch_config.ts';
import {
  isTargetSpacing,
  type Preprocessing,
  preprocess,
  preprocessingOf,
  trainingPreprocessingOf,
} from '../../src/patch/preprocessing.ts';

const nothing: Preprocessing = {
  applyReorder: false,
  targetSpacing: null,
  transforms: [],
  minimumSize: null,
  paddingMode: 0,
};

/** Axes L, P, S with voxels of 1 x 1 x 2 mm. */
const lps = [-1, 0, 0, 5, 0, -1, 0, 7, 0, 0, 2, 0, 0, 0, 0, 1];
const ramp = (length: number) => Float32Array.from({ length }, (_, n) => n);
const scan = () => ({
  name: 'scan1',
  image: volume(ramp(60), [1, 3, 4, 5], lps),
  label: volume(
    ramp(60).map((n) => (n > 30 ? 1 : 0)),
    [1, 3, 4, 5],
    identityAffine(),
  ),
});

describe('preprocess', () => {
  it('changes nothing but the affine of the label map if nothing is asked for', () => {
    const before = scan();
    const { subject, padStart, reordered, unpadded } = preprocess(before, nothing);
    expect(subject.image).toEqual(before.image);
    expect(subject.label!.affine).toEqual(lps);
    expect(padStart).toEqual([0, 0, 0]);
    expect(reordered).toEqual({ shape: [3, 4, 5], affine: lps });
    expect(unpadded).toEqual(reordered);
  });

  it('reorders, resamples, transforms and pads in this order, image and label map alike', () => {
    const { subject, padStart, reordered, unpadded } = preprocess(scan(), {
      applyReorder: true,
      targetSpacing: [1, 1, 1],
      transforms: [{ name: 'ZNormalization', params: {} }],
      minimumSize: [6, 4, 16],
      paddingMode: -9,
    });
    expect(reordered.shape).toEqual([3, 4, 5]);
    expect(reordered.affine.slice(0, 3)).toEqual([1, 0, 0]);
    expect(unpadded.shape).toEqual([3, 4, 10]);
    expect(subject.image.shape).toEqual([1, 6, 4, 16]);
    expect(subject.label!.shape).toEqual([1, 6, 4, 16]);
    expect(padStart).toEqual([2, 0, 3]);
    // Padding comes last: it has the value asked for, not a normalised one, and is background.
    expect(subject.image.data[0]).toBe(-9);
    expect(subject.label!.data[0]).toBe(0);
    const inside = [...subject.image.data].filter((v) => v !== -9);
    expect(inside).toHaveLength(3 * 4 * 10);
    expect(Math.abs(inside.reduce((a, b) => a + b, 0))).toBeLessThan(1e-3);
  });

  it('keeps large axes when it pads', () => {
    const { subject } = preprocess(scan(), { ...nothing, minimumSize: [2, 6, 5] });
    expect(subject.image.shape).toEqual([1, 3, 6, 5]);
  });

  it('pads label maps with background where the image gets a statistic, and alike by continuation', () => {
    const pad = (paddingMode: Preprocessing['paddingMode']) =>
      preprocess(scan(), { ...nothing, minimumSize: [3, 4, 7], paddingMode }).subject;
    expect(pad('maximum').image.data.at(-1)).toBe(59);
    expect(pad('maximum').label!.data.at(-1)).toBe(0);
    expect(pad('edge').label!.data.at(-1)).toBe(1);
  });

  it('does not resample a volume that has the spacing already', () => {
    const before = { name: 'a', image: volume(ramp(60), [1, 3, 4, 5], fromSpacing([1, 1, 1.37])) };
    const target = [1, 1, Math.fround(1.37)] as const;
    const { subject } = preprocess(before, { ...nothing, targetSpacing: target });
    expect(subject.image.data).toBe(before.image.data);
  });

  it('refuses random and unknown transforms', () => {
    const run = (name: string) => () =>
      preprocess(scan(), { ...nothing, transforms: [{ name, params: {} }] });
    expect(run('RandomFlip')).toThrow(/random transform.*RandomFlip/);
    expect(run('Nonsense')).toThrow(/unknown transform/);
  });
});

describe('isTargetSpacing', () => {
  it('accepts float32 and rounding to four decimals', () => {
    expect(isTargetSpacing([1, 1, Math.fround(1.37)], [1, 1, 1.37])).toBe(true);
    expect(isTargetSpacing([0.89996, 1, 1], [0.9, 1, 1])).toBe(true);
  });

  it('refuses real differences, also at fine resolutions', () => {
    expect(isTargetSpacing([1.2, 1, 1], [1.25, 1, 1])).toBe(false);
    expect(isTargetSpacing([0.8998, 1, 1], [0.9, 1, 1])).toBe(false);
    expect(isTargetSpacing([0.01004, 1, 1], [0.01, 1, 1])).toBe(false);
  });
});

describe('preprocessingOf', () => {
  const config = patchConfig({
    patchSize: [16, 16, 16],
    targetSpacing: [1, 1, 1],
    paddingMode: 'minimum',
    normalization: [{ name: 'ZNormalization', params: {} }],
  });

  it('takes everything from the configuration, the patch size as minimum', () => {
    expect(preprocessingOf(config)).toEqual({
      applyReorder: true,
      targetSpacing: [1, 1, 1],
      transforms: [{ name: 'ZNormalization', params: {} }],
      minimumSize: [16, 16, 16],
      paddingMode: 'minimum',
    });
  });

  it('is the same in training, except that preprocessed files are only padded', () => {
    expect(trainingPreprocessingOf(config)).toEqual(preprocessingOf(config));
    const done = patchConfig({ ...config, preprocessed: true });
    expect(preprocessingOf(done)).toEqual(preprocessingOf(config));
    expect(trainingPreprocessingOf(done)).toEqual({
      ...nothing,
      minimumSize: [16, 16, 16],
      paddingMode: 'minimum',
    });
  });
});
