import { expect, it } from 'vitest';
import { applyAffine, spacingOf } from '../../../src/io/affine.ts';
import type { Volume } from '../../../src/io/volume.ts';
import { atriumPhantom, gridOf, type PhantomGrid } from '../../../src/node/demo/atrium_phantom.ts';
import { Rng } from '../../../src/rng.ts';

const grid: PhantomGrid = {
  orientation: 'RAS',
  spacing: [3, 3, 4],
  field: [76, 68, 62],
  tilt: 0,
};
const phantom = (changes: Partial<PhantomGrid>, seed = 3) =>
  atriumPhantom('p', { ...grid, ...changes }, Rng.seed(seed));

/** Mean position of the label in mm. */
function centroid(label: Volume): number[] {
  const [, , J, K] = label.shape;
  const sum = [0, 0, 0];
  let count = 0;
  label.data.forEach((value, at) => {
    if (value === 0) return;
    const point = applyAffine(label.affine, [
      Math.floor(at / (J * K)),
      Math.floor(at / K) % J,
      at % K,
    ]);
    count++;
    point.forEach((mm, axis) => {
      sum[axis]! += mm;
    });
  });
  return sum.map((mm) => mm / count);
}

it('letters say where each voxel axis grows towards; spacing belongs to the body axis', () => {
  const { shape, affine } = gridOf({ ...grid, orientation: 'PIR' });
  expect(shape).toEqual([23, 16, 25]);
  expect(spacingOf(affine).map((mm) => Math.round(mm * 1e6) / 1e6)).toEqual([3, 4, 3]);
  const [x0, y0, z0] = applyAffine(affine, [0, 0, 0]);
  const [x1, y1, z1] = applyAffine(affine, [1, 1, 1]);
  expect([x1 - x0, y1 - y0, z1 - z0].map((mm) => Math.round(mm))).toEqual([3, -3, -4]);
});

it('a grid is centred on the body, tilted or not', () => {
  const { shape, affine } = gridOf({ ...grid, orientation: 'LPS', tilt: 4 });
  const middle = shape.map((size) => (size - 1) / 2) as [number, number, number];
  for (const mm of applyAffine(affine, middle)) expect(mm).toBeCloseTo(0);
});

it('the atrium is at the same place in mm, however the scan is stored', () => {
  const reference = centroid(phantom({}).label!);
  for (const orientation of ['LPS', 'PIR', 'ASL']) {
    const found = centroid(phantom({ orientation }).label!);
    found.forEach((mm, axis) => {
      expect(Math.abs(mm - reference[axis]!)).toBeLessThan(0.8);
    });
  }
});

it('neighbours share the range of the atrium, so that a threshold does not find it', () => {
  const { image, label } = phantom({ spacing: [2, 2, 2] });
  const inside = Array.from(image.data).filter((_, at) => label!.data[at] === 1);
  const sorted = inside.sort((a, b) => a - b);
  const low = sorted[Math.floor(0.05 * sorted.length)]!;
  let outside = 0;
  image.data.forEach((value, at) => {
    if (label!.data[at] === 0 && value >= low) outside++;
  });
  expect(outside).toBeGreaterThan(inside.length * 0.5);
});

it('the same stream gives the same subject, another seed another one', () => {
  expect(phantom({}).image.data).toEqual(phantom({}).image.data);
  expect(phantom({}, 4).image.data).not.toEqual(phantom({}).image.data);
});
