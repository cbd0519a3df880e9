/** Evaluations of single cases as one of them all. */
import type { EvaluationJson, JsonMetrics, LabelledEvaluationJson } from '../../../src/index.ts';

type MetricName = keyof JsonMetrics;

const defined = (values: readonly (number | null)[]): number[] =>
  values.filter((value) => value !== null);

/** Of the values that exist; null where there are none. */
function mean(values: readonly (number | null)[]): number | null {
  const all = defined(values);
  return all.length > 0 ? all.reduce((a, b) => a + b, 0) / all.length : null;
}

/** Of a sample (n - 1); null for fewer than two values. */
function deviation(values: readonly (number | null)[]): number | null {
  const all = defined(values);
  if (all.length < 2) return null;
  const centre = mean(all)!;
  return Math.sqrt(all.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (all.length - 1));
}

/** @param parts at least one */
function summarize(parts: readonly EvaluationJson[]): EvaluationJson {
  const cases = parts.flatMap((part) => part.cases);
  const names = Object.keys(parts[0]!.mean) as MetricName[];
  const over = (of: (values: readonly (number | null)[]) => number | null): JsonMetrics =>
    Object.fromEntries(
      names.map((name) => [name, of(cases.map((row) => row[name] ?? null))]),
    ) as JsonMetrics;
  return { cases, mean: over(mean), std: over(deviation) };
}

/**
 * What `voxgrad evaluate --json` prints for all the cases together.
 *
 * @returns undefined where there are none
 */
export function mergeEvaluations(
  parts: readonly LabelledEvaluationJson[],
): LabelledEvaluationJson | undefined {
  if (parts.length === 0) return undefined;
  const merged: LabelledEvaluationJson = summarize(parts);
  const labels = new Set(parts.flatMap(({ classes }) => Object.keys(classes ?? {})));
  for (const label of [...labels].sort((a, b) => Number(a) - Number(b))) {
    const tables = parts.flatMap(({ classes }) => classes?.[label] ?? []);
    merged.classes ??= {};
    merged.classes[label] = { name: tables[0]!.name, ...summarize(tables) };
  }
  return merged;
}
