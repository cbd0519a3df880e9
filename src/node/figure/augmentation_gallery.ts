/** What each augmentation makes of one scan: the same slice, again and again. */
import { encode } from 'fast-png';
import { ConfigError } from '../../errors.ts';
import { toCanonical } from '../../io/orientation.ts';
import { spatialShape } from '../../io/volume.ts';
import type { Subject } from '../../patch/subject.ts';
import type { Transform } from '../../patch/transforms/transform.ts';
import { Rng } from '../../rng.ts';
import { labelColour } from './colours.ts';
import { labelsOf } from './comparison_panels.ts';
import { maskOutline } from './mask_path.ts';
import { escapeXml, FONT_FAMILY, renderSvg } from './render_svg.ts';
import { type AnatomicalPlane, largestSlice, type Slice, takeSlice } from './slice.ts';

export interface AugmentationGallery {
  /** In any orientation; its label map is outlined. */
  readonly subject: Subject;
  /** One panel each, after that of the scan as it is; transforms of a panel follow each other. */
  readonly panels: readonly {
    readonly caption: string;
    readonly transforms: readonly Transform[];
  }[];
  /** Default 0. */
  readonly seed?: number;
  /** 0 sagittal, 1 coronal, 2 axial (default). */
  readonly anatomicalPlane?: AnatomicalPlane;
  /** Default 4. */
  readonly columns?: number;
}

const PANEL_WIDTH = 240;
const GAP = 16;
const CAPTION = 26;

/** Grey levels of the scan as it is, 1st to 99th percentile of the slice, for all panels alike. */
function windowOf({ values }: Slice): readonly [number, number] {
  const sorted = values.filter(Number.isFinite).sort();
  const low = sorted[Math.floor(0.01 * (sorted.length - 1))] ?? 0;
  const high = sorted[Math.ceil(0.99 * (sorted.length - 1))] ?? 1;
  return [low, high > low ? high : low + 1];
}

function picture({ width, height, values }: Slice, [low, high]: readonly [number, number]): string {
  const data = Uint8ClampedArray.from(values, (value) => (255 * (value - low)) / (high - low));
  const png = encode({ width, height, data, channels: 1, depth: 8 });
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
}

/**
 * The slice with the most foreground, before and after each of the transforms; the motion of the
 * label map is seen in its outline.
 *
 * @returns a PNG
 * @throws ConfigError without a panel, and whatever the transforms refuse
 */
export function augmentationGallery(gallery: AugmentationGallery): Uint8Array {
  const { subject, panels, seed = 0, anatomicalPlane: plane = 2, columns = 4 } = gallery;
  if (panels.length === 0 || !(Number.isInteger(columns) && columns > 0)) {
    throw new ConfigError(
      `augmentationGallery: there is nothing to draw. Got ${panels.length} panels in ${columns} columns. Pass at least one of each.`,
    );
  }
  const image = toCanonical(subject.image);
  const label = subject.label && toCanonical(subject.label);
  const scan: Subject = { name: subject.name, image, ...(label ? { label } : {}) };
  const foreground = label ? largestSlice(label, plane) : -1;
  const index = foreground >= 0 ? foreground : Math.floor(spatialShape(image)[plane] / 2);
  const shown = [{ caption: 'as it is', transforms: [] as readonly Transform[] }, ...panels].map(
    ({ caption, transforms }, n) => {
      const rng = Rng.seed(seed).fold(n);
      const changed = transforms.reduce((each, t, m) => t.apply(each, rng.fold(m)), scan);
      return {
        caption,
        grey: takeSlice(changed.image, plane, index),
        outline: changed.label && takeSlice(changed.label, plane, index),
      };
    },
  );
  const levels = windowOf(shown[0]!.grey);
  const { grey } = shown[0]!;
  const height = (PANEL_WIDTH * grey.height * grey.pixelHeight) / (grey.width * grey.pixelWidth);
  const pixel = { width: PANEL_WIDTH / grey.width, height: height / grey.height };
  const across = Math.min(columns, shown.length);
  const width = GAP + across * (PANEL_WIDTH + GAP);
  const row = CAPTION + height + GAP;
  const drawn = shown.map(({ caption, grey: slice, outline }, n) => {
    const x = GAP + (n % columns) * (PANEL_WIDTH + GAP);
    const y = GAP + Math.floor(n / columns) * row;
    const lines = (outline ? labelsOf(outline) : []).map(
      (value) =>
        `<path d="${maskOutline(outline!, value, pixel)}" fill="none" stroke="${labelColour(value)}" stroke-width="1.6" stroke-linecap="square"/>`,
    );
    return [
      `<text x="${x + PANEL_WIDTH / 2}" y="${y + 14}" fill="#d7dadd" font-size="13" text-anchor="middle">${escapeXml(caption)}</text>`,
      `<image href="${picture(slice, levels)}" x="${x}" y="${y + CAPTION}" width="${PANEL_WIDTH}" height="${height}" preserveAspectRatio="none"/>`,
      `<g transform="translate(${x} ${y + CAPTION})">${lines.join('')}</g>`,
    ].join('');
  });
  const total = GAP + Math.ceil(shown.length / columns) * row;
  return renderSvg(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${Math.ceil(total)}" font-family="${FONT_FAMILY}"><rect width="100%" height="100%" fill="#14161a"/>${drawn.join('')}</svg>`,
    1,
  );
}
