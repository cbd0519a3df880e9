import { describe, expect, it } from 'vitest';
import { identityAffine } from '../../src/io/affine.ts';
import { volume } from '../../src/io/volume.ts';
import { ByteBudget, SubjectCache } from '../../src/patch/subject_cache.ts';

const subjectOf = (voxels: number) => ({
  name: `${voxels}`,
  image: volume(new Float32Array(voxels), [1, 1, 1, voxels], identityAffine()),
});

function cache(voxels: number[], announced = false) {
  const budget = new ByteBudget(1000);
  const source = {
    count: voxels.length,
    name: (index: number) => `scan${index}`,
    load: async (index: number) => {
      if (voxels[index]! < 0) throw new Error('broken');
      return subjectOf(voxels[index]!);
    },
    ...(announced ? { bytes: (index: number) => 4 * voxels[index]! } : {}),
  };
  return { budget, subjects: new SubjectCache(source, budget) };
}

describe('SubjectCache', () => {
  it('drops the least recently used subject first, but never the one to keep', async () => {
    const { budget, subjects } = cache([1, 2, 3]);
    for (const index of [0, 1, 2]) subjects.hold(index, await subjects.load(index));
    expect(budget.bytes).toBe(24);
    subjects.get(0);
    expect(subjects.evict()).toBe(true);
    expect([0, 1, 2].map((index) => subjects.has(index))).toEqual([true, false, true]);
    expect(subjects.evict(2)).toBe(true);
    expect(subjects.evict(2)).toBe(false);
    expect(budget.bytes).toBe(12);
  });

  it('counts a subject while it is being read', async () => {
    const { budget, subjects } = cache([10, 20], true);
    const reading = subjects.load(1);
    expect(budget.bytes).toBe(80);
    await reading;
    expect(budget.bytes).toBe(80);
    expect(budget.peakBytes).toBe(80);
  });

  it('expects the largest subject so far until it knows better', async () => {
    const { subjects } = cache([10, 30, 20]);
    expect(subjects.expectedBytes(0)).toBe(0);
    await subjects.load(1);
    expect(subjects.expectedBytes(0)).toBe(120);
    await subjects.load(0);
    expect(subjects.expectedBytes(0)).toBe(40);
    expect(subjects.expectedTotal).toBe(3 * 80);
  });

  it('gives the bytes back and names the subject if reading fails', async () => {
    const { budget, subjects } = cache([5, -1]);
    await subjects.load(0);
    await expect(subjects.load(1)).rejects.toThrow(/'scan1' could not be loaded\. broken/);
    expect(budget.bytes).toBe(20);
  });
});
