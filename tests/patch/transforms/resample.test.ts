import { describe, expect, it } from 'vitest';
import { resampleTransform } from '../../../src/patch/transforms/resample.ts';
import { Rng } from '../../../src/rng.ts';
import { LPS_SUBJECT } from '../../helpers/lps_subject.ts';

describe('resampleTransform', () => {
  it('interpolates the image and not the label map', () => {
    const transform = resampleTransform({ spacing: 0.8 });
    const result = transform.apply(LPS_SUBJECT, Rng.seed(0));
    expect(result.image.shape).toEqual([1, 2, 7, 15]);
    expect(result.image.data.some((value) => !Number.isInteger(value))).toBe(true);
    expect([...new Set(result.label?.data)].sort()).toEqual([0, 1]);
    expect(transform).toMatchObject({ name: 'Resample', params: { spacing: [0.8, 0.8, 0.8] } });
  });
});
