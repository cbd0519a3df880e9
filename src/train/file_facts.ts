/** One row of a data set's table: what a file says about its grid, and its voxels about themselves. */
import { FormatError } from '../errors.ts';
import { spacingOf } from '../io/affine.ts';
import { axisCodes, canonicalGrid } from '../io/orientation.ts';
import type { Volume } from '../io/volume.ts';
import type { Triple } from '../shape.ts';

/** Of one channel; values that are not finite are counted and left out. */
export interface Intensities {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Of the population. */
  readonly std: number;
  readonly nonFinite: number;
}

export interface FileFacts {
  readonly path: string;
  /** Voxels, after reordering where that was asked for. */
  readonly dim: Triple;
  /** Millimetres, rounded to 4 decimals. */
  readonly voxel: Triple;
  /** `RAS+`, after reordering where that was asked for. */
  readonly orientation: string;
  /** Before reordering. */
  readonly storedOrientation: string;
  readonly channels: number;
  /** Of a label map whose voxels were read: mm³ by label value above 0, ascending. */
  readonly labelVolumes?: ReadonlyMap<number, number>;
  /** Of an image whose voxels were read: one per channel. */
  readonly intensities?: readonly Intensities[];
}

/** A file that cannot be used, and why. */
export interface UnreadableFile {
  readonly path: string;
  readonly error: string;
}

export type DatasetRow = FileFacts | UnreadableFile;

/** What the files hold: intensities, or label values. */
export type VolumeKind = 'image' | 'mask';

/** To 4 decimals, a tie to the even digit: 0.78125 is 0.7812, as NumPy rounds. */
export function roundTo4(value: number): number {
  const scaled = value * 1e4;
  const floor = Math.floor(scaled);
  const tie = scaled - floor === 0.5;
  return (tie ? floor + (floor % 2) : Math.round(scaled)) / 1e4;
}

/** The facts of a header. Throws FormatError for an affine whose axes do not span space. */
export function describeGrid(
  path: string,
  grid: Omit<Volume, 'data'>,
  applyReorder: boolean,
): FileFacts {
  const { shape, affine } = grid;
  const stored = `${axisCodes(affine)}+`;
  const { size, spacing } = applyReorder
    ? canonicalGrid(grid)
    : { size: [shape[1], shape[2], shape[3]] as const, spacing: spacingOf(affine) };
  return {
    path,
    dim: size,
    voxel: [roundTo4(spacing[0]), roundTo4(spacing[1]), roundTo4(spacing[2])],
    orientation: applyReorder ? 'RAS+' : stored,
    storedOrientation: stored,
    channels: shape[0],
  };
}

/**
 * The facts of a header and of the voxels.
 *
 * @throws FormatError for a label that is no whole number
 * @see fastMONAI MedDataset, for label volumes; intensities are voxgrad's own
 */
export function describeVolume(
  path: string,
  volume: Volume,
  { kind, applyReorder }: { readonly kind: VolumeKind; readonly applyReorder: boolean },
): FileFacts {
  const facts = describeGrid(path, volume, applyReorder);
  return kind === 'mask'
    ? { ...facts, labelVolumes: labelVolumes(volume) }
    : { ...facts, intensities: intensitiesOf(volume) };
}

function labelVolumes({ data, affine }: Volume): Map<number, number> {
  const counts = new Map<number, number>();
  let value = 0;
  let run = 0;
  const count = (): void => {
    if (value > 0) counts.set(value, (counts.get(value) ?? 0) + run);
  };
  for (let n = 0; n < data.length; n++) {
    const next = data[n]!;
    if (next === value) {
      run++;
      continue;
    }
    if (!Number.isInteger(next)) {
      throw new FormatError(
        `describeVolume: a label is no whole number. Got ${next}. Pass a label map, not an image or probabilities.`,
      );
    }
    count();
    value = next;
    run = 1;
  }
  count();
  const [i, j, k] = spacingOf(affine);
  return new Map(
    [...counts]
      .sort((a, b) => a[0] - b[0])
      .map(([label, voxels]) => [label, roundTo4(voxels * (i * j * k))]),
  );
}

function intensitiesOf({ data, shape }: Volume): Intensities[] {
  const size = data.length / shape[0];
  return Array.from({ length: shape[0] }, (_, channel) =>
    intensities(data.subarray(channel * size, (channel + 1) * size)),
  );
}

function intensities(values: Volume['data']): Intensities {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let count = 0;
  for (let n = 0; n < values.length; n++) {
    const value = values[n]!;
    if (!Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
    count++;
  }
  const nonFinite = values.length - count;
  if (count === 0) {
    return { min: Number.NaN, max: Number.NaN, mean: Number.NaN, std: Number.NaN, nonFinite };
  }
  const mean = sum / count;
  let squares = 0;
  for (let n = 0; n < values.length; n++) {
    const value = values[n]!;
    if (Number.isFinite(value)) squares += (value - mean) * (value - mean);
  }
  return { min, max, mean, std: Math.sqrt(squares / count), nonFinite };
}
