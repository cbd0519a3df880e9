/** Charts: a Vega-Lite specification to PNG bytes or SVG text, all in one style. */
import type { TopLevelSpec } from 'vega-lite';
import { escapeXml, FONT_FAMILY, renderSvg } from './render_svg.ts';

const STYLE = {
  font: FONT_FAMILY,
  view: { stroke: null },
  axis: {
    gridColor: '#ececec',
    domainColor: '#888',
    tickColor: '#888',
    labelColor: '#444',
    titleColor: '#333',
    titleFontWeight: 'normal',
    labelFontSize: 11,
    titleFontSize: 12,
    titlePadding: 10,
  },
  title: { color: '#222', fontSize: 13, anchor: 'start', frame: 'group', offset: 16 },
  legend: { labelFontSize: 11, labelColor: '#444' },
} as const;

/** Text takes the colour of the page that the chart is part of, light or dark. */
const INLINE_STYLE = {
  ...STYLE,
  aria: false,
  font: 'sans-serif',
  axis: {
    ...STYLE.axis,
    gridColor: '#8883',
    labelColor: 'currentColor',
    titleColor: 'currentColor',
  },
  title: { ...STYLE.title, color: 'currentColor' },
} as const;

export interface Chart {
  readonly title?: string | undefined;
  /** Vega-Lite views, side by side. */
  readonly panels: readonly object[];
}

/** Panels in rows, on a grid. */
export interface InlineChart extends Chart {
  readonly columns: number;
  /** Between the frames of panels: room for axes and titles. */
  readonly spacing: { readonly row: number; readonly column: number };
  /** What the chart shows, for those who do not see it. */
  readonly description: string;
}

async function draw(title: string | undefined, look: object): Promise<string> {
  // Half a second to load: only where there is something to draw.
  const [{ parse, View }, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  const specification = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    ...look,
    ...(title ? { title: { text: title, anchor: 'middle', fontSize: 16, offset: 14 } } : {}),
  } as unknown as TopLevelSpec;
  const view = new View(parse(compile(specification).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** A PNG of the panels, two pixels per unit. */
export async function vegaPng({ title, panels }: Chart): Promise<Uint8Array> {
  const look = { background: 'white', padding: 18, hconcat: panels, spacing: 36, config: STYLE };
  return renderSvg(await draw(title, look));
}

/** An `<svg>` element for a page, which needs nothing from elsewhere and has the page's text colour. */
export async function vegaInlineSvg(chart: InlineChart): Promise<string> {
  const { title, panels, columns, spacing, description } = chart;
  const grid = { concat: panels, columns, spacing, bounds: 'flush' };
  const svg = await draw(title, { background: null, padding: 4, ...grid, config: INLINE_STYLE });
  return svg
    .replace(/ xmlns(:\w+)?="[^"]*"/g, '')
    .replace('<svg', `<svg role="img" aria-label="${escapeXml(description)}"`);
}
