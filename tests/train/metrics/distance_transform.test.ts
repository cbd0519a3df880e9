import { describe, expect, it } from 'vitest';
import { Rng } from '../../../src/rng.ts';
import { squaredDistances } from '../../../src/train/metrics/distance_transform.ts';
import { expectClose } from '../../helpers/close.ts';

type Triple = readonly [number, number, number];

function bruteForce(marks: Uint8Array, [I, J, K]: Triple, spacing: Triple): number[] {
  const at = (n: number) => [Math.floor(n / (J * K)), Math.floor(n / K) % J, n % K];
  const sites = [...marks.keys()].filter((n) => marks[n]).map(at);
  return Array.from({ length: I * J * K }, (_, n) => {
    const here = at(n);
    const squared = (site: number[]) =>
      site.reduce((sum, s, axis) => sum + (spacing[axis]! * (s - here[axis]!)) ** 2, 0);
    return Math.min(...sites.map(squared));
  });
}

function scattered(shape: Triple, share: number, seed: number): Uint8Array {
  const rng = Rng.seed(seed);
  const size = shape[0] * shape[1] * shape[2];
  return Uint8Array.from({ length: size }, () => (rng.uniform() < share ? 1 : 0));
}

describe('squaredDistances', () => {
  const shapes: Triple[] = [
    [1, 1, 1],
    [7, 1, 5],
    [1, 9, 1],
    [9, 8, 7],
    [4, 13, 11],
  ];
  it.each(shapes)('equals the search through all marks on %i x %i x %i', (...shape) => {
    for (const [seed, share] of [0.02, 0.2, 0.9].entries()) {
      const marks = scattered(shape, share, seed);
      marks[Math.floor(marks.length / 3)] = 1;
      const expected = bruteForce(marks, shape, [1, 1, 1]);
      expect([...squaredDistances(marks, shape, [1, 1, 1])]).toEqual(expected);
    }
  });

  it('measures in the unit of an anisotropic spacing', () => {
    const shape = [6, 9, 8] as const;
    const spacing = [2.5, 0.7, 1.3] as const;
    const marks = scattered(shape, 0.03, 4);
    const got = squaredDistances(marks, shape, spacing);
    expectClose(got, bruteForce(marks, shape, spacing), { rtol: 1e-12, atol: 1e-12 });
  });

  it('is infinite everywhere without a mark', () => {
    const got = squaredDistances(new Uint8Array(12), [2, 2, 3], [1, 1, 1]);
    expect(new Set(got)).toEqual(new Set([Number.POSITIVE_INFINITY]));
  });

  it('may leave out voxels that are not needed, never those that are', () => {
    const shape = [5, 6, 7] as const;
    const marks = scattered(shape, 0.05, 1);
    const needed = scattered(shape, 0.1, 2);
    const all = squaredDistances(marks, shape, [1, 1, 1]);
    const some = squaredDistances(marks, shape, [1, 1, 1], needed);
    for (const [n, need] of needed.entries()) if (need) expect(some[n]).toBe(all[n]);
  });
});
