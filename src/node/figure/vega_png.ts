/** Charts: a Vega-Lite specification to PNG bytes, all in one style. */
import type { TopLevelSpec } from 'vega-lite';
import { FONT_FAMILY, renderSvg } from './render_svg.ts';

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

export interface Chart {
  readonly title?: string | undefined;
  /** Vega-Lite views, side by side. */
  readonly panels: readonly object[];
}

/** A PNG of the panels, two pixels per unit. */
export async function vegaPng({ title, panels }: Chart): Promise<Uint8Array> {
  // Half a second to load: only where there is something to draw.
  const [{ parse, View }, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  const specification = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    padding: 18,
    ...(title ? { title: { text: title, anchor: 'middle', fontSize: 16, offset: 14 } } : {}),
    hconcat: panels,
    spacing: 36,
    config: STYLE,
  } as unknown as TopLevelSpec;
  const view = new View(parse(compile(specification).spec), { renderer: 'none' });
  try {
    return renderSvg(await view.toSVG());
  } finally {
    view.finalize();
  }
}
