/** A made-up chest: soft-edged solids in millimetres, drawn anew for each subject. */
import type { Rng } from '../../rng.ts';
import type { Triple } from '../../shape.ts';

/** Depth below the surface in mm: positive inside, 0 on it; exact for balls, close for the rest. */
export type Solid = (x: number, y: number, z: number) => number;

export interface Structure {
  readonly solid: Solid;
  /** Scanner units, before noise and bias field. */
  readonly intensity: number;
}

export interface Anatomy {
  /** Painted in this order, each over those before it. */
  readonly surroundings: readonly Structure[];
  /** What is to be segmented; painted last. */
  readonly atrium: Structure;
}

/** An ellipsoid with its axes along x, y, z. */
export function ellipsoid(centre: Triple, radii: Triple): Solid {
  const [cx, cy, cz] = centre;
  const [rx, ry, rz] = radii;
  return (x, y, z) => {
    const u = (x - cx) / rx;
    const v = (y - cy) / ry;
    const w = (z - cz) / rz;
    const level = Math.sqrt(u * u + v * v + w * w);
    const slope = Math.hypot(u / rx, v / ry, w / rz);
    return slope === 0 ? Math.min(rx, ry, rz) : ((1 - level) * level) / slope;
  };
}

/** A tube with round ends from `a` to `b`, whose radius changes evenly. */
export function tube(a: Triple, b: Triple, startRadius: number, endRadius: number): Solid {
  const along = [b[0] - a[0], b[1] - a[1], b[2] - a[2]] as const;
  const squared = along[0] ** 2 + along[1] ** 2 + along[2] ** 2;
  return (x, y, z) => {
    const p = x - a[0];
    const q = y - a[1];
    const r = z - a[2];
    const t = Math.min(1, Math.max(0, (p * along[0] + q * along[1] + r * along[2]) / squared));
    const distance = Math.hypot(p - t * along[0], q - t * along[1], r - t * along[2]);
    return startRadius + t * (endRadius - startRadius) - distance;
  };
}

/** Several solids as one, with a fillet of about `softness` mm where they meet. */
export function union(solids: readonly Solid[], softness: number): Solid {
  return (x, y, z) => {
    let deepest = Number.NEGATIVE_INFINITY;
    for (const solid of solids) {
      const depth = solid(x, y, z);
      const gap = Math.max(0, softness - Math.abs(depth - deepest));
      deepest = Math.max(deepest, depth) + (gap * gap) / (4 * softness);
    }
    return deepest;
  };
}

/** `value` with each coordinate off by up to `by`. */
const near = (rng: Rng, [x, y, z]: Triple, by: number): [number, number, number] => [
  x + rng.range(-by, by),
  y + rng.range(-by, by),
  z + rng.range(-by, by),
];

const sized = (rng: Rng, [x, y, z]: Triple): [number, number, number] => {
  const size = rng.range(0.88, 1.14);
  return [x * size * rng.range(0.94, 1.06), y * size * rng.range(0.94, 1.06), z * size];
};

/** Blood in scanner units: the atrium and its neighbours differ by less than the noise. */
const BLOOD = 520;

/** An atrium: a flattened body, four veins that enter it from behind, an appendage in front. */
function atrium(rng: Rng, centre: Triple): Structure {
  const [x, y, z] = centre;
  const radii = sized(rng, [12, 8.5, 10]);
  const parts = [ellipsoid(centre, radii)];
  for (const side of [-1, 1]) {
    for (const height of [-1, 1]) {
      const root: Triple = [x + side * radii[0] * 0.7, y - 2, z + height * radii[2] * 0.45];
      const tip = near(rng, [root[0] + side * 8, root[1] - 6, root[2] + height * 3], 2);
      const radius = rng.range(2.6, 3.6);
      parts.push(tube(root, tip, radius, radius * 0.8));
    }
  }
  const root: Triple = [x - radii[0] * 0.6, y + radii[1] * 0.5, z + 2];
  parts.push(tube(root, near(rng, [x - radii[0] - 4, y + 9, z + 5], 2), 4.2, 2.4));
  return { solid: union(parts, 3), intensity: BLOOD * rng.range(0.96, 1.04) };
}

/**
 * A body with lungs, spine, aorta, two chambers beside the atrium, and the atrium itself; RAS+
 * millimetres around the body's centre.
 */
export function drawAnatomy(rng: Rng): Anatomy {
  const centre = near(rng, [-2, -2, 1], 3.5);
  const [x, y, z] = centre;
  const blood = () => BLOOD * rng.range(0.9, 1.06);
  const decoy = (at: Triple, radii: Triple): Structure => ({
    solid: ellipsoid(near(rng, at, 1.5), sized(rng, radii)),
    intensity: blood(),
  });
  const aorta = near(rng, [x - 13, y - 17, 0], 1.5);
  return {
    surroundings: [
      { solid: ellipsoid([0, 0, 0], [37, 31, 70]), intensity: 210 },
      { solid: ellipsoid([0, 0, 0], [33.5, 27.5, 66]), intensity: 300 },
      { solid: ellipsoid(near(rng, [24, -2, 2], 2), sized(rng, [9, 19, 34])), intensity: 60 },
      { solid: ellipsoid(near(rng, [-26, -2, 2], 2), sized(rng, [7, 18, 34])), intensity: 60 },
      { solid: ellipsoid(near(rng, [x, y + 8, z - 4], 1), [22, 20, 24]), intensity: 270 },
      { solid: tube([x, -26, -60], [x, -26, 60], 6, 6), intensity: 150 },
      {
        solid: tube([aorta[0], aorta[1], -60], [aorta[0] + 3, aorta[1] + 1, 60], 4.5, 4.5),
        intensity: blood(),
      },
      decoy([x + 17, y + 9, z + 1], [8, 9, 10]),
      decoy([x - 6, y + 20, z - 9], [9, 8, 12]),
      decoy([x + 6, y + 15, z + 13], [5.5, 5.5, 9]),
    ],
    atrium: atrium(rng, centre),
  };
}
