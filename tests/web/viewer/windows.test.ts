import { describe, expect, it } from 'vitest';
import { looksLikeHounsfield, windowPresets } from '../../../web/app/viewer/windows.ts';

const ct = { min: -1024, max: 2500, isWhole: true, robust: [-1000, 800] } as const;
const mr = { min: 0, max: 900, isWhole: true, robust: [5, 600] } as const;

describe('windowPresets', () => {
  it('starts with 2 % to 98 % and offers windows of CT to CT alone', () => {
    expect(looksLikeHounsfield(ct)).toBe(true);
    expect(looksLikeHounsfield(mr)).toBe(false);
    expect(windowPresets(mr).map(({ name }) => name)).toEqual(['Auto', 'Full']);
    expect(windowPresets(mr)[0]!.range).toEqual([5, 600]);
    const names = windowPresets(ct).map(({ name }) => name);
    for (const organ of ['brain', 'lung', 'bone']) expect(names).toContain(`CT ${organ}`);
  });

  it('never offers an empty window, of an empty scan either', () => {
    const empty = { min: 3, max: 3, isWhole: true, robust: [3, 3] } as const;
    for (const { range } of windowPresets(empty)) expect(range[1]).toBeGreaterThan(range[0]);
  });
});
