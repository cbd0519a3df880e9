/** Label maps as the viewer draws them: numbers of their classes, voxel by voxel of the scan. */
import { resampleToGrid, spacingOf, type Volume } from '../../../src/index.ts';
import { eachVoxel, firstChannel, type Grid, gridOf, type Triple } from './scan_image.ts';

export interface LabelClass {
  /** Value in the file, above 0. */
  readonly value: number;
  readonly voxels: number;
  readonly millilitres: number;
  /** A voxel of the class near its middle, as an index of the drawn array; undefined outside the scan. */
  readonly middle: Triple | undefined;
}

export interface LabelMap {
  /** 0 for background, n for `classes[n - 1]`. */
  readonly indices: Uint8Array<ArrayBuffer>;
  /** By ascending value. */
  readonly classes: readonly LabelClass[];
  /** Whether the file lies on the scan's own grid; else its nearest voxels are drawn. */
  readonly isOnGrid: boolean;
}

const MAX_CLASSES = 255;
/** Grids are the same if no corner is further away, in mm. */
const SAME_MM = 0.01;

/**
 * @param name for the message of an error
 * @throws Error for fractions, negative values or more than 255 classes: that is no label map
 */
export function labelMap(whole: Volume, grid: Grid, name: string): LabelMap {
  const labels = firstChannel(whole);
  const counts = countValues(labels.data, name);
  const values = [...counts.keys()].filter((value) => value !== 0).sort((a, b) => a - b);
  const numbers = new Map(values.map((value, n) => [value, n + 1]));
  const isOnGrid = isSameGrid(gridOf(labels), grid);
  const drawn = isOnGrid ? labels : resampleToGrid(labels, grid.affine, [...grid.dims], 'nearest');
  const indices = new Uint8Array(drawn.data.length);
  eachVoxel(drawn, (to, value) => {
    indices[to] = value === 0 ? 0 : numbers.get(value)!;
  });
  const spacing = spacingOf(labels.affine);
  const millilitres = (spacing[0] * spacing[1] * spacing[2]) / 1000;
  const middles = middleVoxels(indices, values.length, grid.dims);
  const classes = values.map((value, n) => {
    const voxels = counts.get(value)!;
    return { value, voxels, millilitres: voxels * millilitres, middle: middles[n] };
  });
  return { indices, classes, isOnGrid };
}

function countValues(data: Volume['data'], name: string): Map<number, number> {
  const counts = new Map<number, number>();
  for (const value of data) {
    const count = counts.get(value);
    if (count !== undefined) counts.set(value, count + 1);
    else if (Number.isInteger(value) && value >= 0 && counts.size <= MAX_CLASSES) {
      counts.set(value, 1);
    } else {
      throw new Error(
        `${name} is no label map: it has ${counts.size > MAX_CLASSES ? `more than ${MAX_CLASSES} classes` : `the value ${value}`}. Labels are whole numbers from 0.`,
      );
    }
  }
  return counts;
}

function isSameGrid(a: Grid, b: Grid): boolean {
  if (a.dims.some((size, axis) => size !== b.dims[axis])) return false;
  return a.affine.every((value, n) => {
    const steps = n % 4 === 3 ? 1 : a.dims[(n % 4) as 0 | 1 | 2];
    return Math.abs(value - b.affine[n]!) * steps <= SAME_MM;
  });
}

/** The voxel of each class that has as many of its class before it as after it. */
function middleVoxels(indices: Uint8Array, count: number, [I, J]: Triple): (Triple | undefined)[] {
  const left = new Uint32Array(count + 1);
  for (const index of indices) left[index]!++;
  for (let n = 0; n <= count; n++) left[n] = Math.ceil(left[n]! / 2);
  const middles = new Array<Triple | undefined>(count).fill(undefined);
  indices.forEach((index, at) => {
    if (index === 0 || left[index] === 0) return;
    left[index]!--;
    if (left[index] === 0) {
      middles[index - 1] = [at % I, Math.floor(at / I) % J, Math.floor(at / (I * J))];
    }
  });
  return middles;
}

/** Values of the map of differences. */
export const DIFFERENCE = { same: 1, added: 2, missed: 3, exchanged: 4 } as const;

/**
 * Where a prediction agrees with the ground truth and where it does not, both on the scan's grid.
 *
 * @returns a map with the values of `DIFFERENCE`; one that occurs nowhere has no voxels
 */
export function differences(prediction: LabelMap, truth: LabelMap, grid: Grid): LabelMap {
  const value = (map: LabelMap, at: number) => map.classes[map.indices[at]! - 1]?.value ?? 0;
  const indices = new Uint8Array(prediction.indices.length);
  const counts = [0, 0, 0, 0, 0];
  for (let at = 0; at < indices.length; at++) {
    const [got, wanted] = [value(prediction, at), value(truth, at)];
    if (got === 0 && wanted === 0) continue;
    const kind =
      got === wanted
        ? DIFFERENCE.same
        : wanted === 0
          ? DIFFERENCE.added
          : got === 0
            ? DIFFERENCE.missed
            : DIFFERENCE.exchanged;
    indices[at] = kind;
    counts[kind]!++;
  }
  const [di, dj, dk] = grid.spacing;
  const middles = middleVoxels(indices, 4, grid.dims);
  const classes = Object.values(DIFFERENCE).map((kind) => ({
    value: kind,
    voxels: counts[kind]!,
    millilitres: (counts[kind]! * di * dj * dk) / 1000,
    middle: middles[kind - 1],
  }));
  return { indices, classes, isOnGrid: true };
}
