import { describe, expect, it } from 'vitest';
import { fromSpacing, identityAffine } from '../../../src/io/affine.ts';
import { volume } from '../../../src/io/volume.ts';
import { copyAffine } from '../../../src/patch/transforms/copy_affine.ts';
import { Rng } from '../../../src/rng.ts';

const image = volume(new Float32Array(6), [1, 1, 2, 3], fromSpacing([1, 2, 3]));

describe('copyAffine', () => {
  it("gives the label map the image's affine and nothing else", () => {
    const label = volume(Float32Array.of(0, 1, 0, 1, 0, 1), [1, 1, 2, 3], identityAffine());
    const after = copyAffine().apply({ name: 'a', image, label }, Rng.seed(0));
    expect(after.label!.affine).toEqual(image.affine);
    expect(after.label!.data).toBe(label.data);
    expect(label.affine).toEqual(identityAffine());
  });

  it('leaves a subject without label map as it is', () => {
    const subject = { name: 'a', image };
    expect(copyAffine().apply(subject, Rng.seed(0))).toBe(subject);
  });

  it('refuses a label map of another size and names the subject', () => {
    const label = volume(new Float32Array(4), [1, 1, 2, 2], identityAffine());
    const run = () => copyAffine().apply({ name: 'scan1', image, label }, Rng.seed(0));
    expect(run).toThrow(/'scan1'.*\[1,1,2,3\] and \[1,1,2,2\]/);
  });
});
