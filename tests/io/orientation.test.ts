import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { applyAffine, fromParts, fromSpacing } from '../../src/io/affine.ts';
import {
  axisCodes,
  canonicalGrid,
  orientationOf,
  toCanonical,
  toOrientation,
} from '../../src/io/orientation.ts';
import { type Volume, volume } from '../../src/io/volume.ts';
import { expectClose } from '../helpers/close.ts';

const LETTERS = [
  ['L', 'R'],
  ['P', 'A'],
  ['I', 'S'],
] as const;

const PERMUTATIONS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

const ALL_48 = PERMUTATIONS.flatMap((axes) =>
  Array.from({ length: 8 }, (_, bits) =>
    axes.map((axis, n) => LETTERS[axis]![(bits >> n) & 1]!).join(''),
  ),
);

function numbered(shape: readonly [number, number, number], affine: Volume['affine']): Volume {
  const data = Float32Array.from({ length: 2 * shape[0] * shape[1] * shape[2] }, (_, n) => n);
  return volume(data, [2, ...shape], affine);
}

/** Value of a volume at millimetres, for comparing volumes whose axes differ. */
function valuesByPosition(v: Volume): Map<string, number> {
  const positions = new Map<string, number>();
  const [channels, I, J, K] = v.shape;
  let n = 0;
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < I; i++) {
      for (let j = 0; j < J; j++) {
        for (let k = 0; k < K; k++) {
          const at = applyAffine(v.affine, [i, j, k]).map((x) => (x + 0).toFixed(6));
          positions.set(
            `${c}:${at.map((x) => (x === '-0.000000' ? '0.000000' : x))}`,
            v.data[n++]!,
          );
        }
      }
    }
  }
  return positions;
}

describe('toOrientation', () => {
  const original = numbered([2, 3, 4], fromSpacing([1.5, 2, 3], [10, -20, 30]));

  it.each(ALL_48)(
    'to %s and back to RAS is the identity, every voxel keeping its place',
    (code) => {
      const turned = toOrientation(original, code);
      expect(axisCodes(turned.affine)).toBe(code);
      expect(valuesByPosition(turned)).toEqual(valuesByPosition(original));
      const back = toCanonical(turned);
      expect(back.shape).toEqual(original.shape);
      expect(back.data).toEqual(original.data);
      expectClose(back.affine, original.affine, { atol: 1e-12 });
    },
  );

  it('gives back the same object when nothing has to change', () => {
    expect(toCanonical(original)).toBe(original);
  });

  it('does not change its input', () => {
    const before = original.data.slice();
    toOrientation(original, 'PIR');
    expect(original.data).toEqual(before);
  });

  it('keeps every voxel of an oblique volume where it was', () => {
    const [c, s] = [Math.cos(0.5), Math.sin(0.5)];
    const affine = fromParts([0, -c, s, 0, s, c, -1, 0, 0], [1, 1.2, 2.5], [3, 4, 5]);
    const oblique = numbered([3, 2, 2], affine);
    expect(axisCodes(affine)).toBe('ILA');
    const canonical = toCanonical(oblique);
    expect(axisCodes(canonical.affine)).toBe('RAS');
    expect(canonical.shape).toEqual([2, 2, 2, 3]);
    expect(valuesByPosition(canonical)).toEqual(valuesByPosition(oblique));
  });

  it.each(['RA', 'RASL', 'RRS', 'RLS', 'XYZ', ''])('refuses the code %j', (code) => {
    expect(() => toOrientation(original, code)).toThrow(FormatError);
  });
});

describe('orientationOf', () => {
  it('never gives one anatomical axis to two voxel axes', () => {
    // Columns one and two both lean most towards R; the first is asked first.
    const affine = [2, 1, 0, 0, 1, 0.9, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
    expect(orientationOf(affine).map(({ axis }) => axis)).toEqual([0, 1, 2]);
  });

  it('refuses an affine without extent', () => {
    expect(() => orientationOf(new Array(16).fill(0))).toThrow(FormatError);
  });
});

describe('canonicalGrid', () => {
  it.each(['RAS', 'LPS', 'SPL', 'AIR'])(
    'tells the grid of the reordered volume from %s',
    (code) => {
      const stored = toOrientation(numbered([4, 5, 6], fromSpacing([1, 2, 3])), code);
      const { size, spacing } = canonicalGrid(stored);
      expect(size).toEqual(toCanonical(stored).shape.slice(1));
      expectClose(spacing, [1, 2, 3]);
    },
  );
});
