import { ShapeError } from '../../errors.ts';
import { startAt } from '../../io/affine.ts';
import { spatialShape, type Volume, type VoxelArray, volume, voxelsLike } from '../../io/volume.ts';
import { product, showShape, type Triple } from '../../shape.ts';
import type { Subject } from '../subject.ts';
import { mapVolumes } from './map_volumes.ts';
import { checkPaddingMode, type PaddingMode, paddingSource, paddingValue } from './padding_mode.ts';
import { numbersOf } from './ranges.ts';
import type { Transform } from './transform.ts';

export type { PaddingMode } from './padding_mode.ts';

/** Voxels before and after, per axis: lo0, hi0, lo1, hi1, lo2, hi2. */
export type Bounds = readonly [number, number, number, number, number, number];

/** One number for all sides, three for both sides of each axis, or all six (TorchIO's bounds). */
export function toBounds(value: number | readonly number[], name: string): Bounds {
  const values = typeof value === 'number' ? [value, value, value] : value;
  const six = values.length === 3 ? values.flatMap((size) => [size, size]) : values;
  if (six.length !== 6 || !six.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw new ShapeError(
      `${name}: needs 1, 3 or 6 whole numbers of voxels. Got ${showShape(values)}. Pass lo0, hi0, lo1, hi1, lo2, hi2.`,
    );
  }
  return six as unknown as Bounds;
}

/**
 * The volume with voxels added on every side; the origin moves by -lo voxels, so that no voxel
 * changes its millimetres (TorchIO Pad). See `PaddingMode` for what the new voxels are.
 * Throws ShapeError for bounds that are not whole numbers.
 */
export function pad(v: Volume, bounds: Bounds, mode: PaddingMode = 0): Volume {
  const [lo0, hi0, lo1, hi1, lo2, hi2] = toBounds(bounds, 'pad bounds');
  if (lo0 + hi0 + lo1 + hi1 + lo2 + hi2 === 0) return v;
  const size = spatialShape(v);
  const shape: Triple = [lo0 + size[0] + hi0, lo1 + size[1] + hi1, lo2 + size[2] + hi2];
  const data = voxelsLike(v.data, v.shape[0] * product(shape));
  const sources = [lo0, lo1, lo2].map((before, axis) =>
    paddingSource(size[axis]!, before, shape[axis]!, mode),
  ) as [Int32Array, Int32Array, Int32Array];
  copyFrom(v, data, sources, paddingValue(v, mode));
  return volume(data, [v.shape[0], ...shape], startAt(v.affine, [-lo0, -lo1, -lo2]));
}

/** Fills `data` from the input index that each axis' table names; -1 stands for `value`. */
function copyFrom(
  v: Volume,
  data: VoxelArray,
  [fromI, fromJ, fromK]: readonly [Int32Array, Int32Array, Int32Array],
  value: number,
): void {
  const [channels, sizeI, sizeJ, sizeK] = v.shape;
  let out = 0;
  for (let c = 0; c < channels; c++) {
    for (const i of fromI) {
      for (const j of fromJ) {
        const row = ((c * sizeI + i) * sizeJ + j) * sizeK;
        for (const k of fromK) {
          data[out++] = i < 0 || j < 0 || k < 0 ? value : v.data[row + k]!;
        }
      }
    }
  }
}

/**
 * `pad` of image and label map.
 *
 * @param params.padding voxels: one number, one per axis, or six bounds
 * @throws ConfigError for what are no numbers, and an unknown mode; ShapeError for parts of voxels
 */
export function padTransform({
  padding,
  paddingMode = 0,
}: {
  readonly padding: number | readonly number[];
  readonly paddingMode?: PaddingMode;
}): Transform {
  if (!Array.isArray(padding)) numbersOf(padding, 'Pad padding', [1, 3, 6]);
  checkPaddingMode(paddingMode);
  const bounds = toBounds(padding, 'Pad padding');
  return {
    name: 'Pad',
    params: { padding: bounds, paddingMode },
    apply: (subject: Subject) => mapVolumes(subject, (v) => pad(v, bounds, paddingMode)),
  };
}
