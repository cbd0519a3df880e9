import { describe, expect, it } from 'vitest';
import { ConfigError, ShapeError } from '../../../src/errors.ts';
import { applyAffine, fromSpacing } from '../../../src/io/affine.ts';
import { volume } from '../../../src/io/volume.ts';
import { type PaddingMode, pad, padTransform } from '../../../src/patch/transforms/pad.ts';
import { Rng } from '../../../src/rng.ts';

/** 1, 2, 3, 9 along k. */
const line = volume(
  new Float32Array([1, 2, 3, 9]),
  [1, 1, 1, 4],
  fromSpacing([1, 2, 3], [5, 6, 7]),
);

describe('pad', () => {
  // The values of numpy.pad([1, 2, 3, 9], (3, 5), mode).
  it.each<[PaddingMode, number[]]>([
    [0, [0, 0, 0, 1, 2, 3, 9, 0, 0, 0, 0, 0]],
    [-7, [-7, -7, -7, 1, 2, 3, 9, -7, -7, -7, -7, -7]],
    ['minimum', [1, 1, 1, 1, 2, 3, 9, 1, 1, 1, 1, 1]],
    ['maximum', [9, 9, 9, 1, 2, 3, 9, 9, 9, 9, 9, 9]],
    ['mean', [3.75, 3.75, 3.75, 1, 2, 3, 9, 3.75, 3.75, 3.75, 3.75, 3.75]],
    ['median', [2.5, 2.5, 2.5, 1, 2, 3, 9, 2.5, 2.5, 2.5, 2.5, 2.5]],
    ['edge', [1, 1, 1, 1, 2, 3, 9, 9, 9, 9, 9, 9]],
    ['reflect', [9, 3, 2, 1, 2, 3, 9, 3, 2, 1, 2, 3]],
    ['symmetric', [3, 2, 1, 1, 2, 3, 9, 9, 3, 2, 1, 1]],
    ['wrap', [2, 3, 9, 1, 2, 3, 9, 1, 2, 3, 9, 1]],
  ])('continues with %s', (mode, expected) => {
    const padded = pad(line, [0, 0, 0, 0, 3, 5], mode);
    expect(padded.shape).toEqual([1, 1, 1, 12]);
    expect([...padded.data]).toEqual(expected);
  });

  it('takes statistics of the whole image, not of a line or a channel', () => {
    const two = volume(new Float32Array([1, 2, 30, 40]), [2, 1, 1, 2], line.affine);
    expect([...pad(two, [0, 0, 0, 0, 1, 0], 'minimum').data]).toEqual([1, 1, 2, 1, 30, 40]);
  });

  it('pads each axis by its own bounds and keeps every voxel at its millimetres', () => {
    const v = volume(
      Float32Array.from({ length: 24 }, (_, n) => n + 1),
      [1, 2, 3, 4],
      line.affine,
    );
    const padded = pad(v, [1, 2, 0, 3, 2, 1]);
    expect(padded.shape).toEqual([1, 5, 6, 7]);
    expect(padded.data[(1 * 6 + 0) * 7 + 2]).toBe(1);
    expect(padded.data[(2 * 6 + 2) * 7 + 5]).toBe(24);
    expect(padded.data.filter((value) => value > 0).length).toBe(24);
    expect(applyAffine(padded.affine, [1, 0, 2])).toEqual(applyAffine(v.affine, [0, 0, 0]));
  });

  it('gives back the same object for bounds of 0', () => {
    expect(pad(line, [0, 0, 0, 0, 0, 0], 'reflect')).toBe(line);
  });

  it('reflects a single voxel as itself, as NumPy does', () => {
    const padded = pad(line, [1, 2, 0, 0, 0, 0], 'reflect');
    expect([...padded.data]).toEqual([1, 2, 3, 9, 1, 2, 3, 9, 1, 2, 3, 9, 1, 2, 3, 9]);
  });

  it('refuses unknown modes and bounds that are not whole numbers', () => {
    expect(() => pad(line, [1, 0, 0, 0, 0, 0], 'linear_ramp' as PaddingMode)).toThrow(ConfigError);
    expect(() => pad(line, [1, 0, -1, 0, 0, 0])).toThrow(ShapeError);
    expect(() => pad(line, [1, 0, 0.5, 0, 0, 0])).toThrow(ShapeError);
  });
});

describe('padTransform', () => {
  it('pads image and label map alike, from 1, 3 or 6 bounds', () => {
    const label = volume(new Float32Array([1, 0, 0, 1]), line.shape, line.affine);
    const subject = { name: 'a', image: line, label };
    for (const padding of [2, [2, 2, 2], [2, 2, 2, 2, 2, 2]]) {
      const result = padTransform({ padding }).apply(subject, Rng.seed(0));
      expect(result.image.shape).toEqual([1, 5, 5, 8]);
      expect(result.label?.shape).toEqual([1, 5, 5, 8]);
      expect(result.label?.affine).toEqual(result.image.affine);
    }
    expect(() => padTransform({ padding: [1, 2] })).toThrow(ShapeError);
  });

  it('names itself and its parameters for a checkpoint', () => {
    const { name, params } = padTransform({ padding: 1, paddingMode: 'mean' });
    expect(name).toBe('Pad');
    expect(JSON.parse(JSON.stringify(params))).toEqual({
      padding: [1, 1, 1, 1, 1, 1],
      paddingMode: 'mean',
    });
  });
});
