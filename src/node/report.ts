/** A web page about an evaluation that needs no other file: pictures are part of it. */
import type { LabelledEvaluation } from '../train/evaluation.ts';
import { METRIC_NAMES } from '../train/metrics/evaluate_case.ts';
import type { Evaluation } from '../train/metrics/summary.ts';
import { escapeXml as escapeHtml } from './figure/render_svg.ts';

export interface ReportFigure {
  readonly caption: string;
  readonly png: Uint8Array;
}

export interface Report {
  readonly title: string;
  /** Sentences under the title. */
  readonly summary: readonly string[];
  readonly evaluation: LabelledEvaluation;
  readonly figures: readonly ReportFigure[];
  /** Name and value of what the run was made with. */
  readonly facts: readonly (readonly [string, string])[];
  /** Commands that do the same by hand. */
  readonly commands?: readonly string[];
}

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --accent: #2c8a63; }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 62rem; margin: 2.5rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.7rem; margin-bottom: .3rem; }
h2 { font-size: 1.15rem; margin-top: 2.2rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .9rem .3rem 0; text-align: right; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; }
tfoot td { font-weight: 600; border-bottom: none; }
figure { margin: 1.2rem 0; }
img { max-width: 100%; height: auto; border-radius: 6px; }
figcaption { font-size: .9rem; opacity: .75; }
pre { overflow-x: auto; padding: .8rem 1rem; border: 1px solid var(--line); border-radius: 6px; }
.overflow { overflow-x: auto; }
`;

const HEADINGS = {
  dsc: 'DSC',
  hd95: 'HD95 (voxels)',
  sens: 'Sens',
  ldr: 'LDR',
  rve: 'RVE',
  hd95_mm: 'HD95 (mm)',
} as const;

const shown = (value: number): string => (Number.isNaN(value) ? '–' : value.toFixed(3));

const row = (cells: readonly string[]): string =>
  `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;

function metricsHtml({ cases, mean, std }: Evaluation): string {
  const head = ['case', ...METRIC_NAMES.map((name) => HEADINGS[name])]
    .map((name) => `<th>${name}</th>`)
    .join('');
  const body = cases.map((metrics) =>
    row([metrics.name, ...METRIC_NAMES.map((name) => shown(metrics[name]))]),
  );
  const foot = row([
    'mean ± std',
    ...METRIC_NAMES.map((name) =>
      Number.isNaN(std[name]) ? shown(mean[name]) : `${shown(mean[name])} ± ${shown(std[name])}`,
    ),
  ]);
  return `<div class="overflow"><table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody><tfoot>${foot}</tfoot></table></div>`;
}

function figureHtml({ caption, png }: ReportFigure): string {
  const source = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
  const text = escapeHtml(caption);
  return `<figure><img src="${source}" alt="${text}"><figcaption>${text}</figcaption></figure>`;
}

/** The page as HTML text. */
export function reportHtml(report: Report): string {
  const { title, summary, evaluation, figures, facts, commands = [] } = report;
  const classes = [...(evaluation.classes ?? [])].map(
    ([label, table]) => `<h3>Label ${label}</h3>${metricsHtml(table)}`,
  );
  const sections = [
    `<h1>${escapeHtml(title)}</h1>`,
    ...summary.map((sentence) => `<p>${escapeHtml(sentence)}</p>`),
    '<h2>Metrics</h2>',
    metricsHtml(evaluation),
    ...classes,
    '<h2>Figures</h2>',
    ...figures.map(figureHtml),
    '<h2>Settings</h2>',
    `<div class="overflow"><table>${facts.map(([name, value]) => `<tr><td>${escapeHtml(name)}</td><td style="text-align:left">${escapeHtml(value)}</td></tr>`).join('')}</table></div>`,
    ...(commands.length > 0
      ? ['<h2>The same by hand</h2>', `<pre>${escapeHtml(commands.join('\n'))}</pre>`]
      : []),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${sections.join('\n')}
</body>
</html>
`;
}
