/** A scan of a made-up chest, with the atrium as label: noise, bias field, any grid. */
import { applyAffine, fromParts, multiplyAffine } from '../../io/affine.ts';
import { type Affine, volume } from '../../io/volume.ts';
import type { Subject } from '../../patch/subject.ts';
import type { Rng } from '../../rng.ts';
import { product, type Triple } from '../../shape.ts';
import { type Anatomy, drawAnatomy } from './anatomy.ts';

export interface PhantomGrid {
  /** Three letters: where the voxel indices i, j, k grow towards. */
  readonly orientation: string;
  /** Millimetres along left-right, back-front, feet-head. */
  readonly spacing: Triple;
  /** Field of view in mm, in the same order. */
  readonly field: Triple;
  /** Degrees about the feet-head axis; 0 is aligned with the body. */
  readonly tilt: number;
}

const AXIS_OF: Readonly<Record<string, readonly [axis: number, sign: number]>> = {
  R: [0, 1],
  L: [0, -1],
  A: [1, 1],
  P: [1, -1],
  S: [2, 1],
  I: [2, -1],
};

/** Voxel grid of a phantom, centred on the body. */
export function gridOf(grid: PhantomGrid): { shape: Triple; affine: Affine } {
  const axes = [...grid.orientation].map((letter) => AXIS_OF[letter]!);
  const shape = axes.map(([axis]) => Math.round(grid.field[axis]! / grid.spacing[axis]!));
  const spacing = axes.map(([axis]) => grid.spacing[axis]!);
  const direction = new Array<number>(9).fill(0);
  axes.forEach(([axis, sign], column) => {
    direction[axis * 3 + column] = sign;
  });
  const origin = [0, 0, 0];
  axes.forEach(([axis, sign], column) => {
    origin[axis] = (-sign * spacing[column]! * (shape[column]! - 1)) / 2;
  });
  const aligned = fromParts(direction, spacing as unknown as Triple, origin as unknown as Triple);
  const angle = (grid.tilt * Math.PI) / 180;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const turn = [cos, -sin, 0, 0, sin, cos, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  return { shape: shape as unknown as Triple, affine: multiplyAffine(turn, aligned) };
}

/** Edges fade over about this many millimetres, as a scanner's point spread makes them. */
const EDGE = 0.7;

const NOISE = 34;

function intensityAt(anatomy: Anatomy, x: number, y: number, z: number): number {
  let value = 0;
  for (const { solid, intensity } of [...anatomy.surroundings, anatomy.atrium]) {
    const depth = solid(x, y, z);
    if (depth < -4 * EDGE) continue;
    value += (intensity - value) / (1 + Math.exp(-depth / EDGE));
  }
  return value;
}

/** A receiver coil's shading: smooth, within about 30 %, different in each scan. */
function biasField(rng: Rng): (x: number, y: number, z: number) => number {
  const linear = [0, 1, 2].map(() => rng.range(-0.2, 0.2));
  const square = [0, 1, 2].map(() => rng.range(-0.12, 0.12));
  return (x, y, z) => {
    let exponent = 0;
    [x / 38, y / 35, z / 31].forEach((t, axis) => {
      exponent += linear[axis]! * t + square[axis]! * t * t;
    });
    return Math.exp(exponent);
  };
}

/**
 * One subject: image in whole scanner units, label 1 where the atrium is. The same stream gives the
 * same subject.
 */
export function atriumPhantom(name: string, grid: PhantomGrid, rng: Rng): Subject {
  const anatomy = drawAnatomy(rng.fold(0));
  const bias = biasField(rng.fold(1));
  const noise = rng.fold(2);
  const gain = rng.fold(3).range(0.8, 1.3);
  const { shape, affine } = gridOf(grid);
  const image = new Float32Array(product(shape));
  const label = new Float32Array(image.length);
  let at = 0;
  for (let i = 0; i < shape[0]; i++) {
    for (let j = 0; j < shape[1]; j++) {
      for (let k = 0; k < shape[2]; k++) {
        const [x, y, z] = applyAffine(affine, [i, j, k]);
        const signal = intensityAt(anatomy, x, y, z) * bias(x, y, z) + NOISE * noise.normal();
        // Magnitude images have no negative values.
        image[at] = Math.round(gain * Math.abs(signal));
        label[at] = anatomy.atrium.solid(x, y, z) > 0 ? 1 : 0;
        at++;
      }
    }
  }
  return {
    name,
    image: volume(image, [1, ...shape], affine),
    label: volume(label, [1, ...shape], affine),
  };
}
