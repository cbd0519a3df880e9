import { describe, expect, it } from 'vitest';
import { drawAnatomy, ellipsoid, tube, union } from '../../../src/node/demo/anatomy.ts';
import { Rng } from '../../../src/rng.ts';

describe('solids', () => {
  it('a ball has its exact depth, inside and outside', () => {
    const ball = ellipsoid([1, 2, 3], [5, 5, 5]);
    expect(ball(1, 2, 3)).toBeCloseTo(5);
    expect(ball(1, 2, 6)).toBeCloseTo(2);
    expect(ball(1, 9, 3)).toBeCloseTo(-2);
  });

  it('the surface of an ellipsoid is at its radii', () => {
    const solid = ellipsoid([0, 0, 0], [3, 4, 5]);
    expect(solid(3, 0, 0)).toBeCloseTo(0);
    expect(solid(0, -4, 0)).toBeCloseTo(0);
    expect(solid(0, 0, 5)).toBeCloseTo(0);
  });

  it('a tube narrows evenly and has round ends', () => {
    const solid = tube([0, 0, 0], [10, 0, 0], 4, 2);
    expect(solid(0, 0, 0)).toBeCloseTo(4);
    expect(solid(5, 3, 0)).toBeCloseTo(0);
    expect(solid(12, 0, 0)).toBeCloseTo(0);
  });

  it('a union holds what its parts hold, and a fillet where they meet', () => {
    const left = ellipsoid([-4, 0, 0], [4, 4, 4]);
    const right = ellipsoid([4, 0, 0], [4, 4, 4]);
    const both = union([left, right], 2);
    expect(both(-4, 0, 0)).toBeCloseTo(4);
    expect(both(4, 0, 0)).toBeCloseTo(4);
    expect(both(0, 0, 0)).toBeGreaterThan(left(0, 0, 0));
  });
});

it('the atrium varies from subject to subject, and lies inside the body clear of its edge', () => {
  const sizes = [0, 1, 2, 3].map((n) => {
    const { atrium, surroundings } = drawAnatomy(Rng.seed(5).fold(n));
    let count = 0;
    for (let x = -40; x <= 40; x += 2) {
      for (let y = -40; y <= 40; y += 2) {
        for (let z = -40; z <= 40; z += 2) {
          if (atrium.solid(x, y, z) <= 0) continue;
          count++;
          expect(surroundings[1]!.solid(x, y, z)).toBeGreaterThan(0);
        }
      }
    }
    return count * 8;
  });
  expect(new Set(sizes).size).toBe(4);
  for (const size of sizes) {
    expect(size).toBeGreaterThan(3000);
    expect(size).toBeLessThan(12000);
  }
});
