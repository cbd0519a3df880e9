import { describe, expect, it } from 'vitest';
import {
  type Connectivity,
  keepLargestComponent,
  keepLargestComponents,
  labelComponents,
} from '../../src/patch/largest_component.ts';
import { Rng } from '../../src/rng.ts';

type Triple = readonly [number, number, number];

/** Flood fill in raster order: slow and obviously right. */
function flood(mask: Uint8Array, [I, J, K]: Triple, connectivity: Connectivity): number[] {
  const labels = new Array<number>(mask.length).fill(0);
  let count = 0;
  for (let seed = 0; seed < mask.length; seed++) {
    if (!mask[seed] || labels[seed]) continue;
    count++;
    const stack = [seed];
    labels[seed] = count;
    while (stack.length > 0) {
      const n = stack.pop()!;
      const [i, j, k] = [Math.floor(n / (J * K)), Math.floor(n / K) % J, n % K];
      for (const a of [-1, 0, 1]) {
        for (const b of [-1, 0, 1]) {
          for (const c of [-1, 0, 1]) {
            if (connectivity === 6 && Math.abs(a) + Math.abs(b) + Math.abs(c) !== 1) continue;
            const [x, y, z] = [i + a, j + b, k + c];
            if (x < 0 || y < 0 || z < 0 || x >= I || y >= J || z >= K) continue;
            const m = (x * J + y) * K + z;
            if (!mask[m] || labels[m]) continue;
            labels[m] = count;
            stack.push(m);
          }
        }
      }
    }
  }
  return labels;
}

describe('labelComponents', () => {
  const shapes: Triple[] = [
    [9, 8, 7],
    [1, 12, 9],
    [10, 1, 6],
    [1, 1, 20],
    [6, 11, 1],
  ];
  it.each(shapes)('equals a flood fill in raster order on %i x %i x %i', (...shape) => {
    for (const [seed, share] of [0.1, 0.3, 0.5, 0.8].entries()) {
      const rng = Rng.seed(seed);
      const length = shape[0] * shape[1] * shape[2];
      const mask = Uint8Array.from({ length }, () => (rng.uniform() < share ? 1 : 0));
      for (const connectivity of [6, 26] as const) {
        const { labels, count, sizes } = labelComponents(mask, shape, connectivity);
        const expected = flood(mask, shape, connectivity);
        expect([...labels]).toEqual(expected);
        expect(count).toBe(Math.max(...expected));
        const counted = Array.from({ length: count + 1 }, (_, n) =>
          expected.filter((l) => l === n),
        );
        expect([...sizes]).toEqual(counted.map((voxels) => voxels.length));
      }
    }
  });

  it('refuses a mask that does not fill the shape', () => {
    expect(() => labelComponents([1, 0], [1, 1, 3])).toThrow(/2 values for \[1,1,3\]/);
  });
});

describe('keepLargestComponent', () => {
  it('keeps the largest and gives 0 and 1, whatever the mask holds', () => {
    const kept = keepLargestComponent([2, 0, 2, 2, 0, 5], [1, 1, 6]);
    expect([...kept]).toEqual([0, 0, 1, 1, 0, 0]);
  });

  it('keeps the first of equals', () => {
    expect([...keepLargestComponent([0, 1, 1, 0, 1, 1], [1, 1, 6])]).toEqual([0, 1, 1, 0, 0, 0]);
  });

  it('leaves an empty mask empty', () => {
    expect([...keepLargestComponent([0, 0, 0], [1, 1, 3])]).toEqual([0, 0, 0]);
  });

  it('joins corners only if asked', () => {
    const mask = [1, 0, 0, 0, 0, 0, 0, 1];
    expect([...keepLargestComponent(mask, [2, 2, 2], 26)]).toEqual(mask);
    expect([...keepLargestComponent(mask, [2, 2, 2], 6)]).toEqual([1, 0, 0, 0, 0, 0, 0, 0]);
  });
});

describe('keepLargestComponents', () => {
  it('keeps the largest component of each class, whatever lies between', () => {
    const labels = [1, 0, 1, 1, 2, 2, 2, 0, 3, 2];
    const before = labels.slice();
    expect([...keepLargestComponents(labels, [1, 1, 10])]).toEqual([
      ...[0, 0, 1, 1, 2, 2, 2, 0, 3, 0],
    ]);
    expect(labels).toEqual(before);
  });

  it('leaves an empty map empty', () => {
    expect([...keepLargestComponents([0, 0], [1, 1, 2])]).toEqual([0, 0]);
  });
});
