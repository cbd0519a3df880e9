import { describe, expect, it } from 'vitest';
import { identityAffine } from '../../src/io/affine.ts';
import { volume } from '../../src/io/volume.ts';
import { ByteBudget } from '../../src/patch/byte_budget.ts';
import { SubjectCache } from '../../src/patch/subject_cache.ts';

const subjectOf = (voxels: number) => ({
  name: `${voxels}`,
  image: volume(new Float32Array(voxels), [1, 1, 1, voxels], identityAffine()),
});

function cache(voxels: number[], announced = false) {
  const budget = new ByteBudget(1000);
  const failures: string[] = [];
  const source = {
    count: voxels.length,
    name: (index: number) => `scan${index}`,
    load: async (index: number) => {
      if (voxels[index]! < 0) throw new Error('broken');
      return subjectOf(voxels[index]!);
    },
    ...(announced
      ? { bytes: (index: number) => ({ loaded: 4 * voxels[index]!, loading: 12 * voxels[index]! }) }
      : {}),
  };
  const subjects = new SubjectCache(source, budget, ({ message }) => failures.push(message));
  const load = async (index: number) => subjects.load(index, await subjects.measure(index));
  return { budget, subjects, load, failures };
}

describe('SubjectCache', () => {
  it('drops the least recently used subject first, or the one that is named', async () => {
    const { budget, subjects, load } = cache([1, 2, 3]);
    for (const index of [0, 1, 2]) await load(index);
    expect(budget.bytes).toBe(24);
    subjects.get(0);
    expect(subjects.evict()).toBe(true);
    expect([0, 1, 2].map((index) => subjects.has(index))).toEqual([true, false, true]);
    expect(subjects.evict(0)).toBe(true);
    expect(subjects.evict(0)).toBe(false);
    expect(budget.bytes).toBe(12);
  });

  it('counts what reading a subject takes while it is read, and then what it is', async () => {
    const { budget, subjects, load } = cache([10, 20], true);
    const bytes = await subjects.measure(1);
    const reading = subjects.load(1, bytes);
    expect(budget.bytes).toBe(240);
    expect([subjects.loading, subjects.isLoading(1), subjects.has(1)]).toEqual([1, true, false]);
    await reading;
    expect([subjects.loading, subjects.isLoading(1), subjects.has(1)]).toEqual([0, false, true]);
    expect(budget.bytes).toBe(80);
    expect(budget.peakBytes).toBe(240);
    await load(0);
    expect(budget.bytes).toBe(120);
  });

  it('expects the largest subject so far until it knows better', async () => {
    const { subjects, load } = cache([10, 30, 20]);
    expect((await subjects.measure(0)).loaded).toBe(0);
    await load(1);
    expect((await subjects.measure(0)).loaded).toBe(120);
    await load(0);
    expect((await subjects.measure(0)).loaded).toBe(40);
  });

  it('gives the bytes back and keeps an error that names the subject if reading fails', async () => {
    const { budget, subjects, load, failures } = cache([5, -1]);
    await load(0);
    await load(1);
    expect(subjects.failure(0)).toBeUndefined();
    expect(subjects.failure(1)?.message).toMatch(/'scan1' could not be loaded\. broken/);
    expect(failures).toEqual([subjects.failure(1)?.message]);
    expect(budget.bytes).toBe(20);
    subjects.forgive();
    expect(subjects.failure(1)).toBeUndefined();
  });

  it('does not take an aborted read for an unreadable subject', async () => {
    const { subjects, budget } = cache([-1]);
    await subjects.load(0, { loaded: 4, loading: 8 }, AbortSignal.abort());
    expect(subjects.failure(0)).toBeUndefined();
    expect([subjects.has(0), budget.bytes]).toEqual([false, 0]);
  });

  it('waits for a load, and not at all when there is none', async () => {
    const { subjects, load } = cache([1, 2]);
    await subjects.settled();
    void load(0);
    await Promise.resolve();
    await subjects.settled(0);
    expect(subjects.has(0)).toBe(true);
  });
});
