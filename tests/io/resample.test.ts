import { describe, expect, it } from 'vitest';
import { FormatError, ShapeError } from '../../src/errors.ts';
import {
  applyAffine,
  fromParts,
  fromSpacing,
  invertAffine,
  spacingOf,
} from '../../src/io/affine.ts';
import { resample, resampledGrid, resampleToGrid } from '../../src/io/resample.ts';
import { spatialShape, type Volume, volume } from '../../src/io/volume.ts';
import { expectClose } from '../helpers/close.ts';

const [c, s] = [Math.cos(0.4), Math.sin(0.4)];
const OBLIQUE = fromParts([c, -s, 0, s, c, 0, 0, 0, -1], [1.25, 0.75, 4], [-31.5, 17.25, 40]);

/** A value that is linear in millimetres, which linear interpolation must reproduce inside. */
const ramp = ([x, y, z]: readonly number[]) => 3 * x! - 2 * y! + 0.5 * z! + 100;

function filled(
  shape: readonly [number, number, number],
  affine: Volume['affine'],
  valueAt: (mm: readonly number[]) => number,
  channels = 1,
): Volume {
  const data = new Float64Array(channels * shape[0] * shape[1] * shape[2]);
  let n = 0;
  for (let channel = 0; channel < channels; channel++) {
    for (let i = 0; i < shape[0]; i++) {
      for (let j = 0; j < shape[1]; j++) {
        for (let k = 0; k < shape[2]; k++) {
          data[n++] = valueAt(applyAffine(affine, [i, j, k])) + 1000 * channel;
        }
      }
    }
  }
  return volume(data, [channels, ...shape], affine);
}

/** What ITK's rules say about one position, without tables or shortcuts. */
function sampleOne(v: Volume, index: readonly number[], nearest: boolean): number {
  const size = spatialShape(v);
  if (!index.every((x, axis) => x >= -0.5 && x < size[axis]! - 0.5)) return 0;
  const at = (corner: readonly number[]) => {
    const [i, j, k] = corner.map((x, axis) => Math.min(Math.max(x, 0), size[axis]! - 1));
    return v.data[(i! * size[1] + j!) * size[2] + k!]!;
  };
  if (nearest) return at(index.map((x) => Math.floor(x + 0.5)));
  let sum = 0;
  for (let bits = 0; bits < 8; bits++) {
    const corner = index.map((x, axis) => Math.floor(x) + ((bits >> axis) & 1));
    const weight = index.reduce((w, x, axis) => w * (1 - Math.abs(x - corner[axis]!)), 1);
    sum += weight * at(corner);
  }
  return sum;
}

describe('resampledGrid', () => {
  it('takes floor(size * old / new) voxels about the same centre', () => {
    const { shape, affine } = resampledGrid([12, 10, 9], OBLIQUE, [1.7, 0.4, 3]);
    expect(shape).toEqual([8, 18, 12]);
    expectClose(spacingOf(affine), [1.7, 0.4, 3]);
    const before = applyAffine(OBLIQUE, [5.5, 4.5, 4]);
    expectClose(applyAffine(affine, [3.5, 8.5, 5.5]), before);
  });

  it('keeps the size of an axis whose spacing differs by a rounding only', () => {
    const stored = fromSpacing([Math.fround(0.9), Math.fround(1.37), Math.fround(0.7)]);
    expect(resampledGrid([10, 20, 30], stored, [0.9, 1.37, 0.7]).shape).toEqual([10, 20, 30]);
  });

  it('never loses an axis, and leaves an axis of one voxel alone', () => {
    expect(resampledGrid([2, 1, 5], fromSpacing([1, 1, 1]), [9, 0.1, 2]).shape).toEqual([1, 1, 2]);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses a spacing of %d', (bad) => {
    expect(() => resampledGrid([2, 2, 2], OBLIQUE, [1, bad, 1])).toThrow(FormatError);
  });
});

describe('resample', () => {
  it('reproduces a ramp away from the border, in every channel', () => {
    const v = filled([9, 8, 7], OBLIQUE, ramp, 2);
    const out = resample(v, [1.5, 1, 3], 'linear');
    const inverse = invertAffine(v.affine);
    const [, I, J, K] = out.shape;
    let compared = 0;
    let n = 0;
    for (let channel = 0; channel < 2; channel++) {
      for (let i = 0; i < I; i++) {
        for (let j = 0; j < J; j++) {
          for (let k = 0; k < K; k++, n++) {
            const mm = applyAffine(out.affine, [i, j, k]);
            const index = applyAffine(inverse, mm);
            if (!index.every((x, axis) => x >= 0 && x <= v.shape[axis + 1]! - 1)) continue;
            compared++;
            expect(out.data[n]).toBeCloseTo(ramp(mm) + 1000 * channel, 9);
          }
        }
      }
    }
    expect(compared).toBeGreaterThan(300);
  });

  it('leaves values alone at equal spacing', () => {
    const v = filled([4, 5, 6], OBLIQUE, ramp);
    for (const interpolation of ['linear', 'nearest'] as const) {
      const out = resample(v, spacingOf(v.affine) as [number, number, number], interpolation);
      expectClose(out.data, v.data, { rtol: 1e-15 });
      expectClose(out.affine, v.affine, { rtol: 1e-15 });
    }
  });

  it('gives label maps only values that they had', () => {
    const v = filled([7, 7, 7], OBLIQUE, () => 0);
    const labelled = volume(
      v.data.map((_, n) => (n % 3) * 5),
      v.shape,
      v.affine,
    );
    const out = resample(labelled, [0.9, 1.1, 2.7], 'nearest');
    expect([...new Set(out.data)].sort((a, b) => a - b)).toEqual([0, 5, 10]);
  });

  it('keeps the kind of array and does not change its input', () => {
    const v = filled([3, 3, 3], OBLIQUE, ramp);
    const before = v.data.slice();
    expect(resample(v, [1, 1, 1], 'linear').data).toBeInstanceOf(Float64Array);
    const single = volume(Float32Array.from(v.data), v.shape, v.affine);
    expect(resample(single, [1, 1, 1], 'linear').data).toBeInstanceOf(Float32Array);
    expect(v.data).toEqual(before);
  });
});

describe('resampleToGrid', () => {
  const noise = filled([5, 6, 4], OBLIQUE, ([x, y, z]) => Math.sin(7 * x! + 3 * y! - 5 * z!) * 50);
  const turned = fromParts([0, c, -s, 1, 0, 0, 0, s, c], [0.8, 1.1, 2], [-36, 14, 28]);
  const sameAxes = fromParts([c, -s, 0, s, c, 0, 0, 0, -1], [0.9, 0.6, 3.1], [-33, 17.5, 43]);
  const flipped = fromParts([-c, s, 0, -s, -c, 0, 0, 0, 1], [0.9, 0.6, 3.1], [-27, 22, 27]);

  const kinds = [
    ['turned axes', turned],
    ['the same axes', sameAxes],
    ['flipped axes', flipped],
  ] as const;
  it.each(kinds)('agrees with the definition, voxel by voxel, for %s', (_, affine) => {
    const inverse = invertAffine(noise.affine);
    const shape = [9, 10, 8] as const;
    for (const interpolation of ['linear', 'nearest'] as const) {
      const out = resampleToGrid(noise, affine, shape, interpolation);
      const expected: number[] = [];
      for (let i = 0; i < 9; i++) {
        for (let j = 0; j < 10; j++) {
          for (let k = 0; k < 8; k++) {
            const index = applyAffine(inverse, applyAffine(affine, [i, j, k]));
            expected.push(sampleOne(noise, index, interpolation === 'nearest'));
          }
        }
      }
      expect(expected.filter((value) => value !== 0).length).toBeGreaterThan(50);
      expect(expected.filter((value) => value === 0).length).toBeGreaterThan(50);
      expectClose(out.data, expected, { rtol: 1e-10, shape });
    }
  });

  it('brings a prediction back to the grid that it came from', () => {
    const label = volume(
      noise.data.map((value) => (value > 0 ? 1 : 0)),
      noise.shape,
      noise.affine,
    );
    const fine = resampleToGrid(label, sameAxes, [12, 14, 8], 'nearest');
    expect(fine.affine).toEqual(sameAxes);
    expectClose(resampleToGrid(label, label.affine, [5, 6, 4], 'nearest').data, label.data);
  });

  it('is 0 beyond half a voxel outside', () => {
    const ones = volume(new Float32Array(8).fill(1), [1, 2, 2, 2], fromSpacing([1, 1, 1]));
    const grid = fromSpacing([0.25, 1, 1], [-1, 0, 0]);
    const out = resampleToGrid(ones, grid, [16, 1, 1], 'linear');
    // Positions -1, -0.75, ..., 2.75: inside are those in [-0.5, 1.5).
    expect([...out.data]).toEqual([0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
  });

  it('refuses results that no memory could hold, with the sizes, before it tries', () => {
    expect(() => resample(noise, [1e-4, 1e-4, 1e-4], 'nearest')).toThrow(/would become \[/);
    expect(() => resampleToGrid(noise, turned, [1e6, 1e6, 1e6], 'linear')).toThrow(ShapeError);
  });

  it('refuses sizes that are not positive whole numbers', () => {
    expect(() => resampleToGrid(noise, turned, [0, 2, 2], 'linear')).toThrow(FormatError);
  });
});
