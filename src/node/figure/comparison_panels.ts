/** The drawing of a segmentation comparison: equal panels of one slice, labels on top, a legend. */
import { encode } from 'fast-png';
import { labelColour } from './colours.ts';
import { maskArea, maskOutline } from './mask_path.ts';
import { escapeXml, FONT_FAMILY } from './render_svg.ts';
import type { PlaneFacts, Slice } from './slice.ts';

export interface Panel {
  readonly caption: string;
  readonly picture: Slice | undefined;
  readonly labels: Slice | undefined;
}

/** Colour of a label value, and what is said of it. */
export interface LegendEntry {
  readonly value: number;
  readonly text: string;
}

export interface ComparisonDrawing {
  readonly heading: string;
  readonly panels: readonly Panel[];
  readonly edges: PlaneFacts['edges'];
  readonly legend: readonly LegendEntry[];
  readonly foot: string;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where the panels are, in SVG units; the PNG has two pixels per unit. */
export interface ComparisonLayout {
  readonly width: number;
  readonly height: number;
  readonly panels: readonly Box[];
}

const LONGEST_SIDE = 340;
const MARGIN = 24;
const GAP = 16;
const HEADER = 92;
const FOOTER = 40;
/** Height of a legend's row. */
export const LEGEND_ROW = 24;
const OPACITY = 0.42;
/** A heading must fit above one narrow panel, too. */
const LEAST_WIDTH = 420;

/** The panels of a slice: equal boxes side by side, millimetres to scale on both axes. */
export function comparisonLayout(slice: Slice, panels = 3, legendRows = 0): ComparisonLayout {
  const across = slice.width * slice.pixelWidth;
  const down = slice.height * slice.pixelHeight;
  const scale = LONGEST_SIDE / Math.max(across, down);
  const width = across * scale;
  const height = down * scale;
  const inner = panels * width + (panels - 1) * GAP;
  const total = Math.ceil(Math.max(LEAST_WIDTH, 2 * MARGIN + inner));
  const boxes = Array.from({ length: panels }, (_, n) => ({
    x: (total - inner) / 2 + n * (width + GAP),
    y: HEADER,
    width,
    height,
  }));
  return {
    width: total,
    height: Math.ceil(HEADER + height + legendRows * LEGEND_ROW + FOOTER),
    panels: boxes,
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

/** Label values of a slice, ascending. */
export const labelsOf = (slice: Slice): number[] =>
  [...new Set(slice.values)].filter((value) => value > 0).sort((a, b) => a - b);

/** An SVG text element. */
export function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escapeXml(content)}</text>`;
}

/** A slice in grey, or a plain ground, that fills the box. */
export function ground({ x, y, width, height }: Box, picture: Slice | undefined): string {
  const place = `x="${x}" y="${y}" width="${width}" height="${height}"`;
  if (!picture) return `<rect ${place} fill="#202329"/>`;
  const href = `data:image/png;base64,${Buffer.from(greyPng(picture)).toString('base64')}`;
  return `<image href="${href}" ${place} preserveAspectRatio="none"/>`;
}

/** The labels of a slice over the box, each in its colour. */
export function overlay(labels: Slice, box: Box): string {
  const pixel = { width: box.width / labels.width, height: box.height / labels.height };
  const paths = labelsOf(labels).map((value) => {
    const colour = labelColour(value);
    return `<path d="${maskArea(labels, value, pixel)}" fill="${colour}" fill-opacity="${OPACITY}"/><path d="${maskOutline(labels, value, pixel)}" fill="none" stroke="${colour}" stroke-width="1.6" stroke-linecap="square"/>`;
  });
  return `<g transform="translate(${box.x} ${box.y})">${paths.join('')}</g>`;
}

function panelSvg({ caption, picture, labels }: Panel, box: Box, edges: readonly string[]): string {
  const { x, y, width, height } = box;
  // Legible on bright and on dark tissue.
  const edge =
    'fill="#e8eaed" font-size="11" stroke="#000000" stroke-opacity="0.7" stroke-width="3" paint-order="stroke"';
  return [
    text(x + width / 2, y - 12, caption, 'fill="#d7dadd" font-size="13" text-anchor="middle"'),
    ground(box, picture),
    labels ? overlay(labels, box) : '',
    text(x + 5, y + height / 2 + 4, edges[0]!, edge),
    text(x + width - 5, y + height / 2 + 4, edges[1]!, `${edge} text-anchor="end"`),
  ].join('');
}

const shortened = (content: string): string =>
  content.length > 40 ? `${content.slice(0, 39)}…` : content;

/** Generous: the font's mean advance at this size is below 7 units. */
const entryWidth = ({ text: content }: LegendEntry): number => 34 + 7 * shortened(content).length;

/** Entries in rows that fit into `width`. */
export function legendRows(legend: readonly LegendEntry[], width: number): LegendEntry[][] {
  const rows: LegendEntry[][] = [];
  let free = 0;
  for (const entry of legend) {
    const needed = entryWidth(entry);
    if (rows.length === 0 || needed > free) {
      rows.push([]);
      free = width;
    }
    rows.at(-1)!.push(entry);
    free -= needed;
  }
  return rows;
}

/** Rows of a legend, centred, the first at `top`. */
export function legendSvg(rows: readonly LegendEntry[][], width: number, top: number): string {
  const drawn = rows.flatMap((row, n) => {
    const y = top + n * LEGEND_ROW;
    let x = (width - row.reduce((sum, entry) => sum + entryWidth(entry), 0)) / 2;
    return row.map((entry) => {
      const colour = labelColour(entry.value);
      const at = x;
      x += entryWidth(entry);
      return `<rect x="${at}" y="${y - 10}" width="12" height="12" rx="2" fill="${colour}" fill-opacity="${OPACITY}" stroke="${colour}" stroke-width="1.6"/>${text(at + 19, y, shortened(entry.text), 'fill="#d7dadd" font-size="12"')}`;
    });
  });
  return drawn.join('');
}

/**
 * An SVG document.
 *
 * @param drawing its pictures and labels have one size
 */
export function comparisonSvg({ heading, panels, edges, legend, foot }: ComparisonDrawing): string {
  const some = panels.map(({ labels, picture }) => labels ?? picture).find(Boolean)!;
  const rows = legendRows(legend, comparisonLayout(some, panels.length).width - 2 * MARGIN);
  const layout = comparisonLayout(some, panels.length, rows.length);
  const { width, height } = layout;
  const body = [
    text(
      width / 2,
      40,
      heading,
      'fill="#ffffff" font-size="17" font-weight="bold" text-anchor="middle"',
    ),
    ...panels.map((panel, n) => panelSvg(panel, layout.panels[n]!, edges)),
    legendSvg(rows, width, height - FOOTER - rows.length * LEGEND_ROW + 26),
    text(width / 2, height - 14, foot, 'fill="#9aa0a6" font-size="11" text-anchor="middle"'),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${FONT_FAMILY}"><rect width="100%" height="100%" fill="#14161a"/>${body.join('')}</svg>`;
}
