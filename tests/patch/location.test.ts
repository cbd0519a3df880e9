import { describe, expect, it } from 'vitest';
import { fromSpacing } from '../../src/io/affine.ts';
import { volume } from '../../src/io/volume.ts';
import { checkFits, copyPatch, cutPatch, extractPatch } from '../../src/patch/location.ts';

const scan = volume(
  Float32Array.from({ length: 2 * 3 * 4 * 5 }, (_, n) => n),
  [2, 3, 4, 5],
  fromSpacing([2, 2, 2]),
);
const location = { start: [1, 2, 3], size: [2, 1, 2] } as const;
const expected = [33, 34, 53, 54, 93, 94, 113, 114];

describe('extractPatch', () => {
  it('takes the box from every channel', () => {
    expect([...extractPatch(scan, location)]).toEqual(expected);
  });

  it('refuses a box that reaches outside, with the numbers', () => {
    const outside = { start: [2, 2, 3], size: [2, 1, 2] } as const;
    expect(() => extractPatch(scan, outside)).toThrow(/\[2,1,2\] at \[2,2,3\] in \[3,4,5\]/);
    const before = { start: [-1, 0, 0], size: [1, 1, 1] } as const;
    expect(() => extractPatch(scan, before)).toThrow(/not inside/);
  });
});

describe('copyPatch', () => {
  it('writes from an offset on and nothing else', () => {
    const batch = new Float32Array(12).fill(-1);
    copyPatch(scan, location, batch, 3);
    expect([...batch]).toEqual([-1, -1, -1, ...expected, -1]);
  });
});

describe('cutPatch', () => {
  it('cuts image and label map alike, onto an identity affine', () => {
    const label = volume(scan.data.slice(0, 60), [1, 3, 4, 5], scan.affine);
    const patch = cutPatch({ name: 'a', image: scan, label }, location);
    expect([...patch.image.data]).toEqual(expected);
    expect([...patch.label!.data]).toEqual(expected.slice(0, 4));
    expect(patch.label!.shape).toEqual([1, 2, 1, 2]);
    expect(patch.image.affine).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
  });
});

describe('checkFits', () => {
  it('refuses a patch that is larger along one axis', () => {
    expect(() => checkFits('f', [3, 4, 5], [3, 4, 5])).not.toThrow();
    expect(() => checkFits('f', [3, 5, 5], [3, 4, 5])).toThrow(/smaller than the patch/);
  });
});
