/** The page about an evaluation: tables, box plots, the best and the worst case. */
import type { LabelledEvaluation } from '../train/evaluation.ts';
import { bestAndWorst, caseFigure } from './case_figure.ts';
import { plotMetrics } from './figure/plot_metrics.ts';
import type { AnatomicalPlane } from './figure/slice.ts';
import type { LabelPair } from './prediction_pairs.ts';
import { type ReportFigure, reportHtml } from './report.ts';

export interface EvaluationReportOptions {
  readonly title: string;
  /** Sentences under the title, before the one about the result. */
  readonly summary?: readonly string[];
  readonly evaluation: LabelledEvaluation;
  readonly pairs: readonly LabelPair[];
  readonly binary: boolean;
  /** Paths of the scans by case name; cases without one are drawn as labels alone. */
  readonly images?: ReadonlyMap<string, string>;
  /** Of the figures. Default 2, axial. */
  readonly anatomicalPlane?: AnatomicalPlane;
  /** Figures before those of cases. */
  readonly figures?: readonly ReportFigure[];
  readonly facts: readonly (readonly [string, string])[];
  readonly commands?: readonly string[];
  readonly onWarning?: (message: string) => void;
}

export interface EvaluationReport {
  /** One file that loads nothing. */
  readonly html: string;
  /** Figures of the best and the worst case, as far as a Dice exists. */
  readonly best?: Uint8Array;
  readonly worst?: Uint8Array;
}

function resultSentence({ cases, mean, std }: LabelledEvaluation): string {
  const number = `${cases.length} ${cases.length === 1 ? 'case' : 'cases'}`;
  if (Number.isNaN(mean.dsc)) return `${number}; no Dice is defined, as no label map has a label.`;
  const spread = Number.isNaN(std.dsc) ? '' : ` ± ${std.dsc.toFixed(3)}`;
  const extremes = bestAndWorst({ cases, mean, std }).map(
    ({ name, dsc }, n) => `${n === 0 ? 'best' : 'worst'} ${name} (${dsc.toFixed(3)})`,
  );
  const ends = extremes.length > 1 ? `; ${extremes.join(', ')}` : '';
  return `${number}: mean DSC ${mean.dsc.toFixed(3)}${spread}${ends}.`;
}

/**
 * A report of an evaluation as one HTML file: summary, box plots, comparison figures of the best and
 * the worst case, tables, settings. The same evaluation gives the same bytes.
 *
 * @throws FormatError for label maps that can no longer be read
 */
export async function evaluationReport(
  options: EvaluationReportOptions,
): Promise<EvaluationReport> {
  const { title, summary = [], evaluation, pairs, images, facts, commands } = options;
  const { binary, anatomicalPlane, onWarning } = options;
  const drawn: { which: 'best' | 'worst'; caption: string; png: Uint8Array }[] = [];
  for (const [index, { name }] of bestAndWorst(evaluation).entries()) {
    const which = index === 0 ? 'best' : 'worst';
    const pair = pairs.find((candidate) => candidate.name === name)!;
    const image = images?.get(name);
    const png = await caseFigure({
      image,
      pair,
      evaluation,
      binary,
      anatomicalPlane,
      onWarning,
    });
    drawn.push({ which, caption: `The ${which} case by Dice: ${name}`, png });
  }
  const html = reportHtml({
    title,
    summary: [...summary, resultSentence(evaluation)],
    evaluation,
    boxPlots: await plotMetrics(evaluation),
    figures: [...(options.figures ?? []), ...drawn],
    facts,
    commands,
  });
  return { html, ...Object.fromEntries(drawn.map(({ which, png }) => [which, png])) };
}
