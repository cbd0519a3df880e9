import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { identityAffine } from '../../src/io/affine.ts';
import type { FlipAxis } from '../../src/patch/transforms/flip.ts';
import { mirrorViews } from '../../src/train/mirror_views.ts';

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
