/** The means of an evaluation under names for a tracking server. */
import * as z from 'zod';
import { FormatError } from '../../errors.ts';
import { metricValues } from './run_metrics.ts';
import { snakeCase } from './run_params.ts';

const means = z.record(z.string(), z.number().nullable());
const schema = z.looseObject({
  mean: means,
  classes: z.record(z.string(), z.looseObject({ mean: means })).optional(),
});

/**
 * `dsc`, `hd95` and so on; of several classes also `dsc_class_1`, `dsc_class_2`, ... by label value. What does not exist
 * is left out.
 *
 * @param json   contents of the metrics.json that `evaluate` writes
 * @param prefix of every name
 * @throws FormatError for anything else
 */
export function evaluationMetrics(json: unknown, prefix = ''): Record<string, number> {
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    throw new FormatError(
      `evaluationMetrics: this is no evaluation. ${parsed.error.issues[0]?.path.join('.') || 'content'}: ${parsed.error.issues[0]?.message}. Pass the metrics.json of evaluate.`,
    );
  }
  const { mean, classes } = parsed.data;
  const values = Object.entries(mean).flatMap(([name, value]) =>
    metricValues(snakeCase(name), value),
  );
  for (const [label, table] of Object.entries(classes ?? {})) {
    for (const [name, value] of Object.entries(table.mean)) {
      values.push(...metricValues(`${snakeCase(name)}_class_${label}`, value));
    }
  }
  return Object.fromEntries(values.map(([name, value]) => [`${prefix}${name}`, value]));
}
