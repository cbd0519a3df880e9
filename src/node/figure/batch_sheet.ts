/** A contact sheet of a batch: what the network sees. */
import { ConfigError } from '../../errors.ts';
import { fromSpacing } from '../../io/affine.ts';
import { type Volume, volume } from '../../io/volume.ts';
import { product, type Triple } from '../../shape.ts';
import type { Batch } from '../../train/batch.ts';
import {
  ground,
  LEGEND_ROW,
  labelsOf,
  legendRows,
  legendSvg,
  overlay,
  text,
} from './comparison_panels.ts';
import { FONT_FAMILY, renderSvg } from './render_svg.ts';
import { type AnatomicalPlane, largestSlice, PLANES, type Slice, takeSlice } from './slice.ts';

export interface BatchSheetOptions {
  /** Patches shown, the first of the batch. Default 16. */
  readonly maxItems?: number;
  /** Millimetres per voxel, for the pictures' aspect. Default: cubes. */
  readonly spacing?: Triple | null | undefined;
  /** 0 sagittal, 1 coronal, 2 axial (default), if the patches are RAS+. */
  readonly anatomicalPlane?: AnatomicalPlane;
  /** Of the images. Default 0. */
  readonly channel?: number;
  /** By label value, for the legend. */
  readonly classNames?: readonly string[] | undefined;
  readonly title?: string;
}

interface Tile {
  readonly picture: Slice;
  readonly labels: Slice;
  readonly name: string;
  readonly place: string;
}

/** Longer side of a picture, in SVG units; the PNG has two pixels per unit. */
const SIDE = 190;
const GAP = 18;
const MARGIN = 24;
const HEADER = 64;
const CAPTION = 36;
const MOST_COLUMNS = 6;
/** Characters of a name that fit under a picture. */
const NAME_LENGTH = 30;

const shortened = (name: string): string =>
  name.length > NAME_LENGTH ? `${name.slice(0, NAME_LENGTH - 1)}…` : name;

/** The slice with the most labels, or the middle one, of each patch. */
function tilesOf(batch: Batch, options: BatchSheetOptions): Tile[] {
  const { maxItems = 16, spacing, anatomicalPlane: plane = 2, channel = 0 } = options;
  const [samples = 0, channels = 0, ...rest] = batch.imageShape;
  const size: Triple = [rest[0]!, rest[1]!, rest[2]!];
  if (!(Number.isInteger(channel) && channel >= 0 && channel < channels)) {
    throw new ConfigError(
      `batchSheet: the images have no such channel. Got ${channel}, they have ${channels}. Pass a whole number from 0.`,
    );
  }
  const voxels = product(size);
  const affine = fromSpacing(spacing ?? [1, 1, 1]);
  const part = (data: Float32Array, first: number): Volume =>
    volume(data.subarray(first, first + voxels), [1, ...size], affine);
  return Array.from({ length: Math.min(samples, maxItems) }, (_, n) => {
    const image = part(batch.image, (n * channels + channel) * voxels);
    const labels = part(Float32Array.from(batch.label.subarray(n * voxels, (n + 1) * voxels)), 0);
    const largest = largestSlice(labels, plane);
    const index = largest >= 0 ? largest : Math.floor(size[plane] / 2);
    return {
      picture: takeSlice(image, plane, index),
      labels: takeSlice(labels, plane, index),
      name: shortened(batch.names?.[n] ?? `patch ${n + 1}`),
      place: `${PLANES[plane].name} ${index + 1} of ${size[plane]}`,
    };
  });
}

/**
 * A slice of each patch with its labels on top, the subject's name below.
 *
 * @returns a PNG
 * @throws ConfigError for a channel that the images do not have
 * @see fastai show_batch
 */
export function batchSheet(batch: Batch, options: BatchSheetOptions = {}): Uint8Array {
  const { classNames = [], title = 'training batch' } = options;
  const tiles = tilesOf(batch, options);
  const { picture } = tiles[0]!;
  const across = picture.width * picture.pixelWidth;
  const down = picture.height * picture.pixelHeight;
  const scale = SIDE / Math.max(across, down);
  const box = { width: across * scale, height: down * scale };
  const columns = Math.min(
    MOST_COLUMNS,
    Math.ceil(Math.sqrt(tiles.length)) + (tiles.length > 4 ? 1 : 0),
  );
  const cell = { width: Math.max(box.width, SIDE) + GAP, height: box.height + CAPTION + GAP };
  const width = Math.ceil(2 * MARGIN + columns * cell.width - GAP);
  const values = [...new Set(tiles.flatMap(({ labels }) => labelsOf(labels)))].sort(
    (a, b) => a - b,
  );
  const legend = legendRows(
    values.map((value) => ({ value, text: classNames[value] ?? `label ${value}` })),
    width - 2 * MARGIN,
  );
  const rows = Math.ceil(tiles.length / columns);
  const height = Math.ceil(HEADER + rows * cell.height + legend.length * LEGEND_ROW + 8);
  const drawn = tiles.map(({ picture: slice, labels, name, place }, n) => {
    const left = MARGIN + (n % columns) * cell.width;
    const middle = left + (cell.width - GAP) / 2;
    const y = HEADER + Math.floor(n / columns) * cell.height;
    const at = { ...box, x: middle - box.width / 2, y };
    const centred = (line: number, content: string, look: string): string =>
      text(middle, y + box.height + line, content, `${look} text-anchor="middle"`);
    return [
      ground(at, slice),
      overlay(labels, at),
      centred(16, name, 'fill="#d7dadd" font-size="11"'),
      centred(30, place, 'fill="#9aa0a6" font-size="10"'),
    ].join('');
  });
  const heading = text(
    width / 2,
    36,
    title,
    'fill="#ffffff" font-size="17" font-weight="bold" text-anchor="middle"',
  );
  return renderSvg(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${FONT_FAMILY}"><rect width="100%" height="100%" fill="#14161a"/>${heading}${drawn.join('')}${legendSvg(legend, width, height - legend.length * LEGEND_ROW + 8)}</svg>`,
  );
}
