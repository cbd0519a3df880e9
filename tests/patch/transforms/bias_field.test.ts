import { describe, expect, it } from 'vitest';
import { identityAffine } from '../../../src/io/affine.ts';
import { volume } from '../../../src/io/volume.ts';
import {
  biasField,
  biasFieldValues,
  coefficientCount,
} from '../../../src/patch/transforms/bias_field.ts';
import { Rng } from '../../../src/rng.ts';
import { expectClose } from '../../helpers/close.ts';

/** 0 but for ln 2, so that a field is 2 to the power of one monomial. */
const only = (index: number, count: number) =>
  Array.from({ length: count }, (_, n) => (n === index ? Math.LN2 : 0));

describe('biasFieldValues', () => {
  it('has 1, 4, 10, 20 coefficients', () => {
    expect([0, 1, 2, 3].map(coefficientCount)).toEqual([1, 4, 10, 20]);
  });

  it.each([
    ['1', 0, () => 1],
    ['z', 1, (_x, _y, z) => z],
    ['z^2', 2, (_x, _y, z) => z * z],
    ['y', 3, (_x, y) => y],
    ['yz', 4, (_x, y, z) => y * z],
    ['y^2', 5, (_x, y) => y * y],
    ['x', 6, (x) => x],
    ['xz', 7, (x, _y, z) => x * z],
    ['xy', 8, (x, y) => x * y],
    ['x^2', 9, (x) => x * x],
  ] satisfies [string, number, (x: number, y: number, z: number) => number][])(
    'of order 2, is that of %s for coefficient %i',
    (_, index, monomial) => {
      const [x, y, z] = [
        [-1, 0, 1],
        [-1, 1],
        [-1, -1 / 3, 1 / 3, 1],
      ] as const;
      const expected = x.flatMap((a) => y.flatMap((b) => z.map((c) => 2 ** monomial(a, b, c))));
      expectClose(biasFieldValues([3, 2, 4], only(index, 10), 2), expected, { rtol: 1e-7 });
    },
  );

  it('puts an axis of one voxel at 0', () => {
    expect([...biasFieldValues([1, 1, 3], only(3, 4), 1)]).toEqual([1, 1, 1]);
    expectClose(biasFieldValues([1, 1, 3], only(1, 4), 1), [0.5, 1, 2]);
  });
});

describe('biasField', () => {
  it('multiplies every channel, and not the label map', () => {
    const image = volume(Float32Array.of(1, 2, 3, -4, 5, 6), [2, 3, 1, 1], identityAffine());
    const subject = { name: 'a', image, label: image };
    const after = biasField({ coefficients: only(3, 4), order: 1 }).apply(subject, Rng.seed(0));
    expectClose(after.image.data, [0.5, 2, 6, -2, 5, 12]);
    expect(after.label).toBe(image);
    expect([...image.data]).toEqual([1, 2, 3, -4, 5, 6]);
  });

  it('changes nothing with coefficients of 0', () => {
    const image = volume(Float32Array.of(1, 2, 3, -4), [1, 2, 2, 1], identityAffine());
    const transform = biasField({ coefficients: new Array(20).fill(0) });
    expect([...transform.apply({ name: 'a', image }, Rng.seed(0)).image.data]).toEqual([
      1, 2, 3, -4,
    ]);
  });

  it.each([
    [{ coefficients: [1, 2, 3] }, /coefficients of order 3.*20 finite numbers/],
    [{ coefficients: [1], order: -1 }, /biasField: order.*Got -1/],
    [{ coefficients: [1], order: 0.5 }, /biasField: order.*Got 0\.5/],
    [{ coefficients: ['a'], order: 0 }, /coefficients of order 0.*\["a"\]/],
  ])('refuses %j', (params, message) => {
    expect(() => biasField(params as { coefficients: number[] })).toThrow(message);
  });
});
