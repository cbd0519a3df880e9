import { describe, expect, it } from 'vitest';
import { applyAffine, fromSpacing, spacingOf } from '../../../src/io/affine.ts';
import { volume } from '../../../src/io/volume.ts';
import { resize, resizeTransform } from '../../../src/patch/transforms/resize.ts';
import { Rng } from '../../../src/rng.ts';
import { expectClose } from '../../helpers/close.ts';

const cube = (size: number, spacing = 1) =>
  volume(
    Float32Array.from({ length: size ** 3 }, (_, n) => n),
    [1, size, size, size],
    fromSpacing([spacing, spacing, spacing], [1, 2, 3]),
  );

describe('resize', () => {
  it('gives exactly the shape asked for, whatever floor makes of it', () => {
    for (let from = 2; from <= 20; from++) {
      for (const to of [1, 3, 7, 16, 23]) {
        const v = volume(new Float32Array(from), [1, from, 1, 1], fromSpacing([1.3, 1, 1]));
        expect(resize(v, [to, 1, 1], 'linear').shape, `${from} to ${to}`).toEqual([1, to, 1, 1]);
      }
    }
  });

  it('keeps extent and centre', () => {
    const resized = resize(cube(8), [5, 16, 8], 'linear');
    expectClose(spacingOf(resized.affine), [1.6, 0.5, 1]);
    expectClose(
      applyAffine(resized.affine, [2, 7.5, 3.5]),
      applyAffine(cube(8).affine, [3.5, 3.5, 3.5]),
    );
  });

  it('leaves a volume of that shape alone', () => {
    const v = cube(6, 0.7);
    const same = resize(v, [6, 6, 6], 'nearest');
    expect(same.data).toEqual(v.data);
    expectClose(same.affine, v.affine);
  });
});

describe('resizeTransform', () => {
  it('keeps label values whole', () => {
    const label = volume(
      cube(6).data.map((n) => (n % 2) * 4),
      [1, 6, 6, 6],
      cube(6).affine,
    );
    const transform = resizeTransform({ targetShape: [5, 7, 9] });
    const result = transform.apply({ name: 'a', image: cube(6), label }, Rng.seed(0));
    expect(result.image.shape).toEqual([1, 5, 7, 9]);
    expect([...new Set(result.label?.data)].sort()).toEqual([0, 4]);
    expect(transform.params).toEqual({ targetShape: [5, 7, 9] });
  });
});
