/** A web page about an evaluation that needs no other file: pictures are part of it. */
import { type LabelledEvaluation, labelName } from '../train/evaluation.ts';
import { escapeXml as escapeHtml } from './figure/render_svg.ts';
import { reportPage } from './report_page.ts';
import { casesTable, summaryTable } from './report_table.ts';

export interface ReportFigure {
  readonly caption: string;
  readonly png: Uint8Array;
}

export interface Report {
  readonly title: string;
  /** Sentences under the title. */
  readonly summary: readonly string[];
  readonly evaluation: LabelledEvaluation;
  /** An `<svg>` element, as `plotMetrics` gives it. */
  readonly boxPlots?: string | undefined;
  readonly figures: readonly ReportFigure[];
  /** Name and value of what the evaluation was made with. */
  readonly facts: readonly (readonly [string, string])[];
  /** Commands that do the same by hand. */
  readonly commands?: readonly string[] | undefined;
}

function figureHtml({ caption, png }: ReportFigure): string {
  const source = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
  const text = escapeHtml(caption);
  return `<figure><img src="${source}" alt="${text}"><figcaption>${text}</figcaption></figure>`;
}

function casesHtml(evaluation: LabelledEvaluation): string[] {
  const { classes } = evaluation;
  if (!classes) return [casesTable(evaluation)];
  const tables = [...classes].map(
    ([label, table]) => [labelName(evaluation, label), table] as const,
  );
  return [...tables, ['mean over labels', evaluation] as const].flatMap(([name, table]) => [
    `<h3>${escapeHtml(name)}</h3>`,
    casesTable(table),
  ]);
}

function factsHtml(facts: Report['facts']): string {
  const rows = facts.map(
    ([name, value]) => `<tr><td>${escapeHtml(name)}</td><td>${escapeHtml(value)}</td></tr>`,
  );
  return `<table class="facts">${rows.join('')}</table>`;
}

/** The page as HTML text. */
export function reportHtml(report: Report): string {
  const { title, summary, evaluation, boxPlots, figures, facts, commands = [] } = report;
  return reportPage(title, [
    `<h1>${escapeHtml(title)}</h1>`,
    ...summary.map((sentence) => `<p>${escapeHtml(sentence)}</p>`),
    '<h2>Mean ± standard deviation</h2>',
    summaryTable(evaluation),
    ...(boxPlots ? ['<h2>Distribution</h2>', `<figure>${boxPlots}</figure>`] : []),
    ...(figures.length > 0 ? ['<h2>Figures</h2>', ...figures.map(figureHtml)] : []),
    '<h2>Cases</h2>',
    ...casesHtml(evaluation),
    '<h2>Settings</h2>',
    factsHtml(facts),
    ...(commands.length > 0
      ? ['<h2>The same by hand</h2>', `<pre>${escapeHtml(commands.join('\n'))}</pre>`]
      : []),
  ]);
}
