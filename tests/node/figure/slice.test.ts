import { expect, it } from 'vitest';
import { fromSpacing } from '../../../src/io/affine.ts';
import { volume } from '../../../src/io/volume.ts';
import { largestSlice, takeSlice } from '../../../src/node/figure/slice.ts';

// Values i*100 + j*10 + k, RAS, spacing 1, 2, 3 mm.
const numbered = volume(
  Float32Array.from(
    { length: 24 },
    (_, n) => Math.floor(n / 12) * 100 + (Math.floor(n / 4) % 3) * 10 + (n % 4),
  ),
  [1, 2, 3, 4],
  fromSpacing([1, 2, 3]),
);

it('an axial picture has the front at the top and the patient’s right at the left', () => {
  const slice = takeSlice(numbered, 2, 1);
  expect([slice.width, slice.height]).toEqual([2, 3]);
  expect([...slice.values]).toEqual([121, 21, 111, 11, 101, 1]);
  expect([slice.pixelWidth, slice.pixelHeight]).toEqual([1, 2]);
});

it('a coronal picture has the head at the top and the patient’s right at the left', () => {
  const slice = takeSlice(numbered, 1, 2);
  expect([...slice.values]).toEqual([123, 23, 122, 22, 121, 21, 120, 20]);
  expect([slice.pixelWidth, slice.pixelHeight]).toEqual([1, 3]);
});

it('a sagittal picture has the head at the top and the front at the left', () => {
  const slice = takeSlice(numbered, 0, 1);
  expect([...slice.values].slice(0, 3)).toEqual([123, 113, 103]);
  expect([slice.pixelWidth, slice.pixelHeight]).toEqual([2, 3]);
});

it('the largest slice counts voxels above 0, takes the first of several, and is -1 without any', () => {
  const labels = new Float32Array(24);
  const at = (i: number, j: number, k: number) => (i * 3 + j) * 4 + k;
  const mask = () => volume(labels, [1, 2, 3, 4], fromSpacing([1, 1, 1]));
  expect(largestSlice(mask(), 2)).toBe(-1);
  labels[at(0, 0, 1)] = 1;
  labels[at(0, 1, 3)] = 9;
  expect(largestSlice(mask(), 2)).toBe(1);
  labels[at(1, 1, 3)] = 1;
  expect(largestSlice(mask(), 2)).toBe(3);
  expect(largestSlice(mask(), 1)).toBe(1);
  expect(largestSlice(mask(), 0)).toBe(0);
});
