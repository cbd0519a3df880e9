import { describe, expect, it } from 'vitest';
import { identityAffine } from '../../../src/io/affine.ts';
import { volume } from '../../../src/io/volume.ts';
import { type RandomFlipParams, randomFlip } from '../../../src/patch/transforms/random_flip.ts';
import { Rng } from '../../../src/rng.ts';

const image = volume(
  Float32Array.from({ length: 8 }, (_, n) => n),
  [1, 2, 2, 2],
  identityAffine(),
);

/** How often each first voxel comes up: its bits are the flipped axes. */
function outcomes(params: RandomFlipParams): number[] {
  const rng = Rng.seed(3);
  const counts = new Array<number>(8).fill(0);
  for (let n = 0; n < 800; n++) {
    counts[randomFlip(params).apply({ name: 'a', image }, rng).image.data[0]!]!++;
  }
  return counts;
}

describe('randomFlip', () => {
  it('flips left and right half of the time unless told otherwise', () => {
    const counts = outcomes({});
    expect(counts[0]! + counts[4]!).toBe(800);
    expect(Math.abs(counts[4]! - 400)).toBeLessThan(60);
  });

  it('flips each of its axes on its own', () => {
    for (const count of outcomes({ axes: [0, 1, 2] })) {
      expect(Math.abs(count - 100)).toBeLessThan(45);
    }
  });

  it('never or always flips at the extremes', () => {
    expect(outcomes({ flipProbability: 0 })[0]).toBe(800);
    expect(outcomes({ axes: ['AP', 2], flipProbability: 1 })[3]).toBe(800);
  });

  it('refuses what is not a probability', () => {
    expect(() => randomFlip({ flipProbability: 1.2 })).toThrow(/1\.2/);
  });
});
