/**
 * Connected components by runs: a component is a set of runs of voxels along k, so the work is one
 * pass over the voxels plus a union-find over the (far fewer) runs.
 */
import { ShapeError } from '../errors.ts';
import { product, showShape, type Triple } from '../shape.ts';

/** Voxels touch by faces only, or also by edges and corners. */
export type Connectivity = 6 | 26;

export interface Components {
  /** Per voxel: 0 outside the mask, else the component's number, 1 .. count, in raster order of first voxels. */
  readonly labels: Int32Array;
  readonly count: number;
  /** Voxels per component; index 0 is the outside. */
  readonly sizes: Int32Array;
}

/** Runs of non-zero voxels, line after line: run r covers `start[r] <= k < end[r]`. */
interface Runs {
  readonly start: number[];
  readonly end: number[];
  /** Runs of line (i, j) are firstOfLine[i * J + j] up to the next line's. */
  readonly firstOfLine: Int32Array;
}

function findRuns(mask: ArrayLike<number>, lines: number, K: number): Runs {
  const start: number[] = [];
  const end: number[] = [];
  const firstOfLine = new Int32Array(lines + 1);
  for (let line = 0; line < lines; line++) {
    firstOfLine[line] = start.length;
    const base = line * K;
    for (let k = 0; k < K; k++) {
      if (!mask[base + k]) continue;
      start.push(k);
      do k++;
      while (k < K && mask[base + k]);
      end.push(k);
    }
  }
  firstOfLine[lines] = start.length;
  return { start, end, firstOfLine };
}

/** Representative of r's set, always its lowest run; halves the path on the way. */
function find(parent: Int32Array, r: number): number {
  let run = r;
  while (parent[run] !== run) {
    parent[run] = parent[parent[run]!]!;
    run = parent[run]!;
  }
  return run;
}

/** Join the runs of two lines that overlap, or with `reach` 1 also those that touch diagonally. */
function joinLines(runs: Runs, parent: Int32Array, before: number, line: number, reach: 0 | 1) {
  const { start, end, firstOfLine } = runs;
  let a = firstOfLine[before]!;
  let b = firstOfLine[line]!;
  const lastA = firstOfLine[before + 1]!;
  const lastB = firstOfLine[line + 1]!;
  while (a < lastA && b < lastB) {
    if (start[a]! < end[b]! + reach && start[b]! < end[a]! + reach) {
      const rootA = find(parent, a);
      const rootB = find(parent, b);
      if (rootA < rootB) parent[rootB] = rootA;
      else parent[rootA] = rootB;
    }
    if (end[a]! < end[b]!) a++;
    else b++;
  }
}

/**
 * Label the connected components of a mask.
 *
 * @param mask  `[I,J,K]`, non-zero inside
 * @throws ShapeError if the mask does not fill the shape
 * @see scipy.ndimage.label with generate_binary_structure(3, 1) or (3, 3); same numbering
 */
export function labelComponents(
  mask: ArrayLike<number>,
  shape: Triple,
  connectivity: Connectivity = 6,
): Components {
  if (product(shape) !== mask.length) {
    throw new ShapeError(
      `labelComponents: the mask does not fill the shape. Got ${mask.length} values for ${showShape(shape)} [I,J,K]. Pass one value per voxel.`,
    );
  }
  const [I, J, K] = shape;
  const runs = findRuns(mask, I * J, K);
  const parent = Int32Array.from({ length: runs.start.length }, (_, run) => run);
  const diagonal = connectivity === 26;
  const reach = diagonal ? 1 : 0;
  for (let i = 0; i < I; i++) {
    for (let j = 0; j < J; j++) {
      const line = i * J + j;
      if (j > 0) joinLines(runs, parent, line - 1, line, reach);
      if (i === 0) continue;
      joinLines(runs, parent, line - J, line, reach);
      if (diagonal && j > 0) joinLines(runs, parent, line - J - 1, line, reach);
      if (diagonal && j < J - 1) joinLines(runs, parent, line - J + 1, line, reach);
    }
  }
  return paint(runs, parent, shape);
}

/** Roots are the lowest runs of their sets, so counting them in order numbers them in raster order. */
function paint(runs: Runs, parent: Int32Array, [I, J, K]: Triple): Components {
  const labels = new Int32Array(I * J * K);
  const number = new Int32Array(parent.length);
  const sizes = [labels.length];
  let count = 0;
  for (let line = 0; line < I * J; line++) {
    for (let run = runs.firstOfLine[line]!; run < runs.firstOfLine[line + 1]!; run++) {
      const root = find(parent, run);
      if (root === run) {
        number[run] = ++count;
        sizes.push(0);
      }
      const label = number[root]!;
      const length = runs.end[run]! - runs.start[run]!;
      labels.fill(label, line * K + runs.start[run]!, line * K + runs.end[run]!);
      sizes[label]! += length;
      sizes[0]! -= length;
    }
  }
  return { labels, count, sizes: Int32Array.from(sizes) };
}

/**
 * The mask's largest component alone, as 0 and 1. Ties go to the first in raster order; an empty
 * mask stays empty.
 *
 * @param mask `[I,J,K]`, non-zero inside; not changed
 * @throws ShapeError if the mask does not fill the shape
 * @see scipy.ndimage.label (connectivity 6), MONAI KeepLargestConnectedComponent (26 by default)
 */
export function keepLargestComponent(
  mask: ArrayLike<number>,
  shape: Triple,
  connectivity: Connectivity = 6,
): Uint8Array {
  const { labels, count, sizes } = labelComponents(mask, shape, connectivity);
  let largest = 1;
  for (let label = 2; label <= count; label++) {
    if (sizes[label]! > sizes[largest]!) largest = label;
  }
  const kept = new Uint8Array(labels.length);
  for (let n = 0; n < kept.length; n++) kept[n] = labels[n] === largest ? 1 : 0;
  return kept;
}

/**
 * A label map in which each class has kept its largest component alone; what it loses becomes 0.
 * Ties go to the first in raster order.
 *
 * @param labels `[I,J,K]`, whole numbers from 0, the background; not changed
 * @throws ShapeError if the labels do not fill the shape
 * Differs from fastMONAI: there, more than one class besides the background is left as it is.
 */
export function keepLargestComponents(
  labels: ArrayLike<number>,
  shape: Triple,
  connectivity: Connectivity = 6,
): Float32Array {
  const kept = new Float32Array(labels.length);
  const classes = new Set<number>();
  for (let n = 0; n < labels.length; n++) if (labels[n] !== 0) classes.add(labels[n]!);
  const mask = new Uint8Array(labels.length);
  for (const value of classes) {
    for (let n = 0; n < mask.length; n++) mask[n] = labels[n] === value ? 1 : 0;
    const largest = keepLargestComponent(mask, shape, connectivity);
    for (let n = 0; n < kept.length; n++) if (largest[n]) kept[n] = value;
  }
  return kept;
}
