import { describe, expect, it } from 'vitest';
import { axisCodes } from '../../../src/io/orientation.ts';
import { toCanonicalTransform } from '../../../src/patch/transforms/to_canonical.ts';
import { Rng } from '../../../src/rng.ts';
import { LPS_SUBJECT } from '../../helpers/lps_subject.ts';

describe('toCanonicalTransform', () => {
  it('reorders image and label map together', () => {
    const result = toCanonicalTransform().apply(LPS_SUBJECT, Rng.seed(0));
    expect(axisCodes(result.image.affine)).toBe('RAS');
    expect(result.label?.affine).toEqual(result.image.affine);
    result.image.data.forEach((value, n) => {
      expect(result.label?.data[n]).toBe(value % 2);
    });
  });

  it('does without a label map', () => {
    const result = toCanonicalTransform().apply(
      { name: 'a', image: LPS_SUBJECT.image },
      Rng.seed(0),
    );
    expect(result).not.toHaveProperty('label');
    expect(result.name).toBe('a');
  });
});
