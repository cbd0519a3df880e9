/** A scan as the viewer draws it: voxels next to R, A, S, i fastest, in the smallest type that keeps every value. */
import { axisCodes, spacingOf, toCanonical, type Volume, volume } from '../../../src/index.ts';

export type Triple = readonly [number, number, number];
export type Voxels = Uint8Array<ArrayBuffer> | Int16Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

/** Where voxels lie: of the drawn array, and of the file that it came from. */
export interface Grid {
  readonly dims: Triple;
  /** 4x4, row-major: index of the drawn array to RAS+ mm. */
  readonly affine: readonly number[];
  readonly spacing: Triple;
  /** Three letters, where the file's own axes point. */
  readonly fileAxes: string;
}

export interface ScanImage {
  readonly grid: Grid;
  readonly data: Voxels;
  readonly min: number;
  readonly max: number;
  /** Only whole numbers. */
  readonly isWhole: boolean;
  /** Values that 2 % and 98 % of the voxels stay below. */
  readonly robust: readonly [low: number, high: number];
  /** Images in the file; the first is drawn. */
  readonly channels: number;
}

const AXES = ['LR', 'PA', 'IS'] as const;
const BINS = 4096;
const TAIL = 0.02;

/** The first channel of a volume. */
export function firstChannel(v: Volume): Volume {
  const [channels, i, j, k] = v.shape;
  return channels === 1 ? v : volume(v.data.subarray(0, i * j * k), [1, i, j, k], v.affine);
}

export function gridOf(v: Volume): Grid {
  const canonical = toCanonicalGrid(v);
  return { ...canonical, fileAxes: axisCodes(v.affine) };
}

/** The grid of `toCanonical` without its voxels. */
function toCanonicalGrid(v: Volume): Omit<Grid, 'fileAxes'> {
  const dims = [0, 0, 0];
  const affine = new Array<number>(16).fill(0);
  affine[15] = 1;
  const start = [v.affine[3]!, v.affine[7]!, v.affine[11]!];
  [...axisCodes(v.affine)].forEach((letter, column) => {
    const axis = AXES.findIndex((pair) => pair.includes(letter));
    const size = v.shape[column + 1]!;
    const sign = AXES[axis]!.indexOf(letter) === 1 ? 1 : -1;
    dims[axis] = size;
    for (let row = 0; row < 3; row++) {
      const step = v.affine[4 * row + column]!;
      affine[4 * row + axis] = sign * step;
      if (sign < 0) start[row]! += step * (size - 1);
    }
  });
  for (let row = 0; row < 3; row++) affine[4 * row + 3] = start[row]!;
  return { dims: dims as unknown as Triple, affine, spacing: spacingOf(affine) };
}

/** Index in the file of the voxel that is drawn at `index`. */
export function fileIndex({ dims, fileAxes }: Grid, index: Triple): Triple {
  return [...fileAxes].map((letter) => {
    const axis = AXES.findIndex((pair) => pair.includes(letter));
    return AXES[axis]!.indexOf(letter) === 1 ? index[axis]! : dims[axis]! - 1 - index[axis]!;
  }) as unknown as Triple;
}

/** Millimetres of a voxel's centre. */
export function millimetres({ affine }: Grid, [i, j, k]: Triple): Triple {
  const at = (row: number) =>
    affine[4 * row]! * i +
    affine[4 * row + 1]! * j +
    affine[4 * row + 2]! * k +
    affine[4 * row + 3]!;
  return [at(0), at(1), at(2)];
}

/** Voxels `[1,I,J,K]`, k fastest, with axes next to R, A, S: copied i fastest by `write(to, value)`. */
export function eachVoxel(v: Volume, write: (to: number, value: number) => void): void {
  const { data, shape } = toCanonical(v);
  const [, rows, columns, slices] = shape;
  let to = 0;
  for (let k = 0; k < slices; k++) {
    for (let j = 0; j < columns; j++) {
      let from = j * slices + k;
      for (let i = 0; i < rows; i++, from += columns * slices) write(to++, data[from]!);
    }
  }
}

/** What is drawn of a scan. Values that are no numbers are drawn as the smallest. */
export function scanImage(whole: Volume): ScanImage {
  const scan = firstChannel(whole);
  let [min, max, isWhole] = [Infinity, -Infinity, true];
  for (const value of scan.data) {
    if (!Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
    if (isWhole && !Number.isInteger(value)) isWhole = false;
  }
  if (min > max) [min, max] = [0, 0];
  const data = voxelsFor(scan.data.length, min, max, isWhole);
  const bins = new Uint32Array(BINS);
  const scale = max > min ? (BINS - 1) / (max - min) : 0;
  const lowest = min;
  eachVoxel(scan, (to, value) => {
    const drawn = Number.isFinite(value) ? value : lowest;
    data[to] = drawn;
    bins[Math.round((drawn - lowest) * scale)]!++;
  });
  const robust = percentiles(bins, data.length).map((bin) => lowest + (scale ? bin / scale : 0));
  return {
    grid: gridOf(scan),
    data,
    min,
    max,
    isWhole,
    robust: [robust[0]!, robust[1]!],
    channels: whole.shape[0],
  };
}

function voxelsFor(length: number, min: number, max: number, isWhole: boolean): Voxels {
  if (isWhole && min >= 0 && max <= 255) return new Uint8Array(length);
  if (isWhole && min >= -32768 && max <= 32767) return new Int16Array(length);
  return new Float32Array(length);
}

function percentiles(bins: Uint32Array, count: number): [number, number] {
  const reach = (order: Iterable<number>): number => {
    let seen = 0;
    for (const bin of order) {
      seen += bins[bin]!;
      if (seen > TAIL * count) return bin;
    }
    return 0;
  };
  const up = [...bins.keys()];
  return [reach(up), reach(up.reverse())];
}
