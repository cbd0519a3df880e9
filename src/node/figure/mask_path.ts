/** Label masks as SVG paths: crisp at any zoom. */
import type { Slice } from './slice.ts';

const isLabel = (slice: Slice, value: number, row: number, column: number): boolean =>
  row >= 0 &&
  column >= 0 &&
  row < slice.height &&
  column < slice.width &&
  slice.values[row * slice.width + column] === value;

/** Size of a slice's pixel in the units of the path. */
export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

/** Two decimals are plenty and keep the text short. */
const short = (value: number): number => Math.round(value * 100) / 100;

/** The area of one label: a rectangle per run of pixels in a row. Empty without any. */
export function maskArea(slice: Slice, value: number, pixel: PixelSize): string {
  const { width, height } = pixel;
  let path = '';
  for (let row = 0; row < slice.height; row++) {
    let start = 0;
    while (start < slice.width) {
      if (!isLabel(slice, value, row, start)) {
        start++;
        continue;
      }
      let end = start;
      while (isLabel(slice, value, row, end)) end++;
      const length = short((end - start) * width);
      path += `M${short(start * width)} ${short(row * height)}h${length}v${short(height)}h${-length}z`;
      start = end;
    }
  }
  return path;
}

/** The edges between one label and everything else, straight runs joined. */
export function maskOutline(slice: Slice, value: number, pixel: PixelSize): string {
  const { width, height } = pixel;
  let path = '';
  for (let row = 0; row <= slice.height; row++) {
    let start = -1;
    for (let column = 0; column <= slice.width; column++) {
      const edge =
        column < slice.width &&
        isLabel(slice, value, row - 1, column) !== isLabel(slice, value, row, column);
      if (edge && start < 0) start = column;
      if (!edge && start >= 0) {
        path += `M${short(start * width)} ${short(row * height)}h${short((column - start) * width)}`;
        start = -1;
      }
    }
  }
  for (let column = 0; column <= slice.width; column++) {
    let start = -1;
    for (let row = 0; row <= slice.height; row++) {
      const edge =
        row < slice.height &&
        isLabel(slice, value, row, column - 1) !== isLabel(slice, value, row, column);
      if (edge && start < 0) start = row;
      if (!edge && start >= 0) {
        path += `M${short(column * width)} ${short(start * height)}v${short((row - start) * height)}`;
        start = -1;
      }
    }
  }
  return path;
}
