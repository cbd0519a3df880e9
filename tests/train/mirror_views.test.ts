import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { identityAffine } from '../../src/io/affine.ts';
import { type FlipAxis, reverseAxes } from '../../src/patch/transforms/flip.ts';
import { mirrorViews, ViewMean } from '../../src/train/mirror_views.ts';
import { expectClose } from '../helpers/close.ts';
import { randomArray } from '../helpers/random.ts';

const RAS = identityAffine();
/** Voxel axis 0 runs down, 1 forward, 2 left. */
const IAL = [0, 0, -2, 0, 0, 1, 0, 0, -3, 0, 0, 0, 0, 0, 0, 1];

describe('mirrorViews', () => {
  it('are the eight combinations of three axes, the patch as it is first', () => {
    const views = mirrorViews(true, RAS);
    expect(views[0]).toEqual([]);
    expect(new Set(views.map(String))).toEqual(
      new Set(['', '0', '1', '2', '0,1', '0,2', '1,2', '0,1,2']),
    );
    expect(views.length).toBe(8);
  });

  it('are one view without mirroring', () => {
    expect(mirrorViews(false, RAS)).toEqual([[]]);
    expect(mirrorViews([], RAS)).toEqual([[]]);
  });

  it('follow anatomical names through the affine, and take no axis twice', () => {
    expect(mirrorViews(['LR'], RAS)).toEqual([[], [0]]);
    expect(mirrorViews(['LR'], IAL)).toEqual([[], [2]]);
    expect(mirrorViews(['IS', 0, 'AP'], IAL)).toEqual([[], [0], [1], [0, 1]]);
  });

  it('refuse an axis that does not exist', () => {
    expect(() => mirrorViews(['UP' as FlipAxis], RAS)).toThrow(ConfigError);
  });
});

describe('ViewMean', () => {
  const size = [3, 4, 5] as const;
  const views = mirrorViews(true, RAS);
  const batch = (seed: number) => randomArray([2, 3, ...size], seed);

  it('undoes every mirroring exactly: mirrored copies of one prediction have it as their mean', () => {
    const prediction = batch(1);
    const mean = new ViewMean(size);
    for (const view of views) mean.add(reverseAxes(prediction, [6, ...size], view), view);
    expect(mean.take()).toEqual(prediction);
  });

  it('is the mean voxel by voxel, and starts anew after each', () => {
    const [plain, mirrored] = [batch(2), batch(3)];
    const mean = new ViewMean(size);
    for (let round = 0; round < 2; round++) {
      mean.add(plain, []);
      mean.add(mirrored, [2]);
      const back = (n: number) => n - (n % 5) + 4 - (n % 5);
      expectClose(
        mean.take(),
        plain.map((value, n) => (value + mirrored[back(n)]!) / 2),
      );
    }
    expect(mirrored).toEqual(batch(3));
  });

  it('of one view is that view', () => {
    const mean = new ViewMean(size);
    mean.add(batch(4), []);
    expect(mean.take()).toEqual(batch(4));
  });
});
