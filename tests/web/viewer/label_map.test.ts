import { describe, expect, it } from 'vitest';
import { type Volume, volume } from '../../../src/index.ts';
import { DIFFERENCE, differences, labelMap } from '../../../web/app/viewer/label_map.ts';
import { gridOf } from '../../../web/app/viewer/scan_image.ts';

const AFFINE = [2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
const line = (values: readonly number[], affine: readonly number[] = AFFINE): Volume =>
  volume(Float32Array.from(values), [1, values.length, 1, 1], affine);
const map = (values: readonly number[]) =>
  labelMap(line(values), gridOf(line(values)), 'labels.nii');

describe('labelMap', () => {
  it('numbers the classes that occur, with their millilitres and a voxel in their middle', () => {
    const { indices, classes, isOnGrid } = map([0, 7, 7, 7, 0, 2035]);
    expect([...indices]).toEqual([0, 1, 1, 1, 0, 2]);
    expect(classes).toEqual([
      { value: 7, voxels: 3, millilitres: 0.006, middle: [2, 0, 0] },
      { value: 2035, voxels: 1, millilitres: 0.002, middle: [5, 0, 0] },
    ]);
    expect(isOnGrid).toBe(true);
  });

  it('puts a map of another grid on that of the scan, and keeps the volumes of the file', () => {
    const coarse = line([1, 3], [4, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
    const { indices, classes, isOnGrid } = labelMap(coarse, gridOf(line([0, 0, 0, 0])), 'a');
    expect(isOnGrid).toBe(false);
    expect([...indices]).toEqual([1, 1, 2, 2]);
    expect(classes.map(({ millilitres }) => millilitres)).toEqual([0.004, 0.004]);
  });

  it('refuses what is no label map', () => {
    expect(() => map([0, 0.5])).toThrow(/labels.nii is no label map: it has the value 0.5/);
    expect(() => map([0, -1])).toThrow(/the value -1/);
    expect(() => map(Array.from({ length: 300 }, (_, n) => n))).toThrow(/more than 255 classes/);
  });

  it('is exactly full at 255 classes', () => {
    const { indices } = map(Array.from({ length: 256 }, (_, n) => n));
    expect(indices.at(-1)).toBe(255);
  });
});

describe('differences', () => {
  it('tells agreement, what was added, what was missed and what was exchanged', () => {
    const [prediction, truth] = [map([0, 5, 5, 0, 9, 9]), map([0, 5, 0, 5, 5, 9])];
    const { indices, classes } = differences(prediction, truth, gridOf(line([0, 0, 0, 0, 0, 0])));
    const { same, added, missed, exchanged } = DIFFERENCE;
    expect([...indices]).toEqual([0, same, added, missed, exchanged, same]);
    expect(classes.map(({ value, voxels }) => [value, voxels])).toEqual([
      [same, 2],
      [added, 1],
      [missed, 1],
      [exchanged, 1],
    ]);
  });
});
