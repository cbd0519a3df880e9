/** A scan beside its ground truth and its prediction. */
import { encode } from 'fast-png';
import { ShapeError } from '../../errors.ts';
import { toCanonical } from '../../io/orientation.ts';
import { spatialShape, type Volume } from '../../io/volume.ts';
import { sameShape, showShape } from '../../shape.ts';
import { maskArea, maskOutline } from './mask_path.ts';
import { escapeXml, FONT_FAMILY, renderSvg } from './render_svg.ts';
import { type AnatomicalPlane, largestSlice, PLANES, type Slice, takeSlice } from './slice.ts';

export interface SegmentationComparison {
  /** `[1,I,J,K]`, any orientation; the three share one grid. */
  readonly image: Volume;
  readonly groundTruth: Volume;
  readonly prediction: Volume;
  /** Shown in the title; null where it does not exist. */
  readonly dice?: number | null;
  readonly title?: string;
  /** 0 sagittal, 1 coronal, 2 axial (default). */
  readonly anatomicalPlane?: AnatomicalPlane;
}

/** Where the panels are, in SVG units; the PNG has two pixels per unit. */
export interface ComparisonLayout {
  readonly width: number;
  readonly height: number;
  readonly panels: readonly { x: number; y: number; width: number; height: number }[];
}

const LONGEST_SIDE = 340;
const MARGIN = 24;
const GAP = 16;
const HEADER = 92;
const FOOTER = 40;
const OPACITY = 0.42;

/** Okabe and Ito's palette: label values from 1, told apart by colour-blind readers too. */
const COLOURS = ['#e69f00', '#56b4e9', '#009e73', '#f0e442', '#cc79a7', '#d55e00', '#0072b2'];
const colourOf = (label: number): string => COLOURS[(label - 1) % COLOURS.length]!;

/** The panels of a slice: equal boxes side by side, millimetres to scale on both axes. */
export function comparisonLayout(slice: Slice): ComparisonLayout {
  const across = slice.width * slice.pixelWidth;
  const down = slice.height * slice.pixelHeight;
  const scale = LONGEST_SIDE / Math.max(across, down);
  const width = across * scale;
  const height = down * scale;
  const panels = [0, 1, 2].map((n) => ({
    x: MARGIN + n * (width + GAP),
    y: HEADER,
    width,
    height,
  }));
  return {
    width: Math.ceil(2 * MARGIN + 3 * width + 2 * GAP),
    height: Math.ceil(HEADER + height + FOOTER),
    panels,
  };
}

/** Grey values from the 1st to the 99th percentile of the slice, so that one bright voxel does not dim it. */
function greyPng(slice: Slice): Uint8Array {
  const sorted = slice.values.filter(Number.isFinite).sort();
  const low = sorted[Math.floor(0.01 * (sorted.length - 1))] ?? 0;
  const high = sorted[Math.ceil(0.99 * (sorted.length - 1))] ?? 1;
  const range = high > low ? high - low : 1;
  const data = Uint8ClampedArray.from(slice.values, (value) => (255 * (value - low)) / range);
  return encode({ width: slice.width, height: slice.height, data, channels: 1, depth: 8 });
}

const labelsOf = (slice: Slice): number[] =>
  [...new Set(slice.values)].filter((value) => value > 0).sort((a, b) => a - b);

function overlay(labels: Slice, panel: ComparisonLayout['panels'][number]): string {
  const pixel = { width: panel.width / labels.width, height: panel.height / labels.height };
  const paths = labelsOf(labels).map((value) => {
    const colour = colourOf(value);
    return `<path d="${maskArea(labels, value, pixel)}" fill="${colour}" fill-opacity="${OPACITY}"/><path d="${maskOutline(labels, value, pixel)}" fill="none" stroke="${colour}" stroke-width="1.6" stroke-linecap="square"/>`;
  });
  return `<g transform="translate(${panel.x} ${panel.y})">${paths.join('')}</g>`;
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escapeXml(content)}</text>`;
}

/** The ground truth's largest slice, else the prediction's, else the middle one. */
function chooseSlice(truth: Volume, prediction: Volume, plane: AnatomicalPlane): number {
  const inTruth = largestSlice(truth, plane);
  if (inTruth >= 0) return inTruth;
  const predicted = largestSlice(prediction, plane);
  return predicted >= 0 ? predicted : Math.floor(spatialShape(truth)[plane] / 2);
}

function heading(comparison: SegmentationComparison): string {
  const { title, dice } = comparison;
  const value = typeof dice === 'number' && Number.isFinite(dice) ? dice.toFixed(3) : 'undefined';
  const shown = dice === undefined ? undefined : `Dice ${value}`;
  return [title, shown].filter(Boolean).join('  ·  ');
}

/**
 * Three panels: image, image with ground truth, image with prediction, of the slice with the most
 * ground truth. Pixels have the scan's aspect in millimetres; letters name the picture's edges.
 *
 * @returns a PNG
 * @throws ShapeError when the three grids differ
 * @see fastMONAI show_segmentation_comparison
 */
export function segmentationComparison(comparison: SegmentationComparison): Uint8Array {
  const plane = comparison.anatomicalPlane ?? 2;
  const volumes = [comparison.image, comparison.groundTruth, comparison.prediction];
  const shapes = volumes.map(spatialShape);
  if (!shapes.every((shape) => sameShape(shape, shapes[0]!))) {
    throw new ShapeError(
      `segmentationComparison: image, ground truth and prediction differ in size. Got ${shapes.map(showShape).join(', ')} [I,J,K]. Bring them to one grid.`,
    );
  }
  // Labels take the image's affine: a header that is off by a hair must not turn one of the three.
  const [image, truth, prediction] = volumes.map((volume) =>
    toCanonical({ ...volume, affine: comparison.image.affine }),
  ) as [Volume, Volume, Volume];
  const index = chooseSlice(truth, prediction, plane);
  const picture = takeSlice(image, plane, index);
  const layout = comparisonLayout(picture);
  const { name, edges } = PLANES[plane];
  const href = `data:image/png;base64,${Buffer.from(greyPng(picture)).toString('base64')}`;
  const masks = [undefined, truth, prediction];
  const panels = layout.panels.map((panel, n) => {
    const { x, y, width, height } = panel;
    const labels = masks[n];
    const edge = 'fill="#9aa0a6" font-size="11"';
    return [
      text(
        x + width / 2,
        y - 12,
        ['image', 'ground truth', 'prediction'][n]!,
        'fill="#d7dadd" font-size="13" text-anchor="middle"',
      ),
      `<image href="${href}" x="${x}" y="${y}" width="${width}" height="${height}" preserveAspectRatio="none"/>`,
      labels ? overlay(takeSlice(labels, plane, index), panel) : '',
      text(x + 5, y + height / 2 + 4, edges[0], edge),
      text(x + width - 5, y + height / 2 + 4, edges[1], `${edge} text-anchor="end"`),
    ].join('');
  });
  const { width, height } = layout;
  const foot = `${name} slice ${index + 1} of ${spatialShape(image)[plane]}  ·  ${picture.pixelWidth.toFixed(2)} × ${picture.pixelHeight.toFixed(2)} mm`;
  return renderSvg(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${FONT_FAMILY}"><rect width="100%" height="100%" fill="#14161a"/>${text(width / 2, 40, heading(comparison), 'fill="#ffffff" font-size="17" font-weight="bold" text-anchor="middle"')}${panels.join('')}${text(width / 2, height - 14, foot, 'fill="#9aa0a6" font-size="11" text-anchor="middle"')}</svg>`,
  );
}
