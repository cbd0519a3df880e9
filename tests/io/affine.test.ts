import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import {
  applyAffine,
  determinant,
  directionOf,
  fromParts,
  fromSpacing,
  identityAffine,
  invertAffine,
  multiplyAffine,
  nearestRotation,
  originOf,
  sameAffine,
  spacingOf,
  startAt,
} from '../../src/io/affine.ts';
import { expectClose } from '../helpers/close.ts';

const [c, s] = [Math.cos(0.3), Math.sin(0.3)];
/** Turned by 0.3 about S, left-handed, 1.25 x 0.9 x 3 mm. */
const oblique = fromParts([-c, -s, 0, -s, c, 0, 0, 0, 1], [1.25, 0.9, 3], [12, -7, 4]);

describe('affine', () => {
  it('is taken apart into spacing, direction and origin', () => {
    expectClose(spacingOf(oblique), [1.25, 0.9, 3]);
    expectClose(directionOf(oblique), [-c, -s, 0, -s, c, 0, 0, 0, 1]);
    expect(originOf(oblique)).toEqual([12, -7, 4]);
  });

  it('maps voxel indices to millimetres', () => {
    expect(applyAffine(fromSpacing([2, 3, 4], [1, 1, 1]), [1, 2, 3])).toEqual([3, 7, 13]);
    expectClose(applyAffine(oblique, [2, 0, 0]), [12 - 2.5 * c, -7 - 2.5 * s, 4]);
  });

  it('times its inverse is the identity', () => {
    const product = multiplyAffine(invertAffine(oblique), oblique);
    expectClose(product, identityAffine(), { atol: 1e-12 });
  });

  it('cannot be inverted when two axes coincide', () => {
    const flat = [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
    expect(() => invertAffine(flat)).toThrow(FormatError);
  });

  it('has a negative determinant for left-handed axes', () => {
    expect(determinant(oblique)).toBeCloseTo(-1.25 * 0.9 * 3);
    expect(determinant(identityAffine())).toBe(1);
  });

  it('moves its origin to another voxel without turning', () => {
    const moved = startAt(oblique, [1, 2, -3]);
    expectClose(originOf(moved), applyAffine(oblique, [1, 2, -3]));
    expect(directionOf(moved)).toEqual(directionOf(oblique));
  });

  it('is the same as another within a tolerance', () => {
    const shifted = startAt(identityAffine(), [1e-4, 0, 0]);
    expect(sameAffine(identityAffine(), shifted)).toBe(true);
    expect(sameAffine(identityAffine(), shifted, 1e-5)).toBe(false);
  });
});

describe('nearestRotation', () => {
  it('leaves the direction of unsheared axes alone', () => {
    expectClose(nearestRotation(oblique), directionOf(oblique), { atol: 1e-14 });
  });

  it('is orthogonal for sheared axes', () => {
    const sheared = [1, 0.4, 0.1, 0, 0, 1.2, 0.3, 0, 0, 0, 2, 0, 0, 0, 0, 1];
    const r = nearestRotation(sheared);
    for (let a = 0; a < 3; a++) {
      for (let b = 0; b < 3; b++) {
        const dot = r[a]! * r[b]! + r[3 + a]! * r[3 + b]! + r[6 + a]! * r[6 + b]!;
        expect(dot).toBeCloseTo(a === b ? 1 : 0, 13);
      }
    }
  });
});
