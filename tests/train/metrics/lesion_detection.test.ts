import { describe, expect, it } from 'vitest';
import { lesionDetectionRate } from '../../../src/train/metrics/lesion_detection.ts';

const shape = [1, 1, 9] as const;
const mask = (text: string) => Uint8Array.from(text, (c) => Number(c === '#'));

describe('lesionDetectionRate', () => {
  it('counts a lesion as found if any of its voxels is', () => {
    expect(lesionDetectionRate(mask('.#.......'), mask('###.##.##'), shape)).toBe(1 / 3);
    expect(lesionDetectionRate(mask('..#####..'), mask('###.##.##'), shape)).toBe(2 / 3);
  });

  it('with a threshold asks for more than that Dice within the lesion', () => {
    const prediction = mask('.#..##...');
    const target = mask('###.##...');
    expect(lesionDetectionRate(prediction, target, shape, { threshold: 0.4 })).toBe(1);
    // One of three voxels: Dice 2 / (3 + 1) is 0.5 and does not exceed 0.5.
    expect(lesionDetectionRate(prediction, target, shape, { threshold: 0.5 })).toBe(1 / 2);
  });

  it('takes corners that touch for two lesions', () => {
    const target = Uint8Array.from([1, 0, 0, 0, 0, 0, 0, 1]);
    const prediction = Uint8Array.from([1, 0, 0, 0, 0, 0, 0, 0]);
    expect(lesionDetectionRate(prediction, target, [2, 2, 2])).toBe(0.5);
  });

  it('is undefined for an empty target, and 0 for an empty prediction', () => {
    const empty = mask('.........');
    expect(lesionDetectionRate(mask('###......'), empty, shape)).toBeNaN();
    expect(lesionDetectionRate(empty, mask('###......'), shape)).toBe(0);
  });
});
