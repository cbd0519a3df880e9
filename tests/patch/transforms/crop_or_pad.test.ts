import { describe, expect, it } from 'vitest';
import { ShapeError } from '../../../src/errors.ts';
import { applyAffine, fromSpacing } from '../../../src/io/affine.ts';
import { volume } from '../../../src/io/volume.ts';
import { crop, cropOrPad, cropOrPadTransform } from '../../../src/patch/transforms/crop_or_pad.ts';
import { Rng } from '../../../src/rng.ts';

const line = (values: number[]) =>
  volume(Float32Array.from(values), [1, 1, 1, values.length], fromSpacing([1, 1, 2], [0, 0, 10]));

describe('cropOrPad', () => {
  it('gives the odd voxel of a difference to the start', () => {
    const padded = cropOrPad(line([1, 2, 3]), [1, 1, 6]);
    expect([...padded.data]).toEqual([0, 0, 1, 2, 3, 0]);
    expect(padded.affine[11]).toBe(10 - 2 * 2);
    const cropped = cropOrPad(line([1, 2, 3, 4, 5, 6]), [1, 1, 3]);
    expect([...cropped.data]).toEqual([3, 4, 5]);
    expect(cropped.affine[11]).toBe(10 + 2 * 2);
  });

  it('crops one axis while it pads another, in every channel', () => {
    const data = Float32Array.from({ length: 2 * 2 * 1 * 4 }, (_, n) => n + 1);
    const v = volume(data, [2, 2, 1, 4], fromSpacing([1, 1, 1]));
    const result = cropOrPad(v, [1, 2, 2]);
    expect(result.shape).toEqual([2, 1, 2, 2]);
    // The dropped plane is i = 0; the added row is j = 0.
    expect([...result.data]).toEqual([0, 0, 6, 7, 0, 0, 14, 15]);
    expect(applyAffine(result.affine, [0, 1, 0])).toEqual([1, 0, 1]);
  });

  it('takes the padding from the image before it is cropped', () => {
    const v = volume(new Float32Array([-9, 1, 2, 3]), [1, 1, 1, 4], fromSpacing([1, 1, 1]));
    expect([...cropOrPad(v, [2, 1, 2], 'minimum').data]).toEqual([-9, -9, 1, 2]);
  });

  it('gives back the same object when the size fits', () => {
    const v = line([1, 2]);
    expect(cropOrPad(v, [1, 1, 2])).toBe(v);
  });

  it('refuses sizes that are not positive whole numbers', () => {
    expect(() => cropOrPad(line([1]), [1, 0, 1])).toThrow(ShapeError);
    expect(() => cropOrPad(line([1]), [1, 1.5, 1])).toThrow(ShapeError);
  });
});

describe('crop', () => {
  it('refuses to leave nothing', () => {
    expect(() => crop(line([1, 2, 3]), [0, 0, 0, 0, 2, 1])).toThrow(ShapeError);
  });
});

describe('cropOrPadTransform', () => {
  it('treats image and label map alike', () => {
    const subject = { name: 'a', image: line([1, 2, 3]), label: line([0, 1, 0]) };
    const transform = cropOrPadTransform({ targetShape: 4, paddingMode: 'edge' });
    const { image, label } = transform.apply(subject, Rng.seed(0));
    expect(image.shape).toEqual([1, 4, 4, 4]);
    expect(label?.affine).toEqual(image.affine);
    expect(transform).toMatchObject({
      name: 'CropOrPad',
      params: { targetShape: [4, 4, 4], paddingMode: 'edge' },
    });
  });
});
