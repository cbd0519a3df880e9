/** The evaluation that a run folder holds. */
import { join } from 'node:path';
import * as z from 'zod';
import { FormatError } from '../../errors.ts';
import { readJsonFile } from '../json_file.ts';

const metric = z.number().nullable().default(null);
const metrics = z.object({
  dsc: metric,
  hd95: metric,
  sens: metric,
  ldr: metric,
  rve: metric,
  hd95_mm: metric,
});
const table = z.object({
  cases: z.array(metrics.extend({ name: z.string() })),
  mean: metrics,
  std: metrics,
});
const schema = table.extend({
  classes: z.record(z.string(), table.extend({ name: z.string().default('') })).optional(),
});

export type StoredEvaluation = z.output<typeof schema>;

/** Where an evaluation may be, the first one counts. */
export function evaluationFiles(root: string): string[] {
  return [join(root, 'evaluation', 'metrics.json'), join(root, 'predictions', 'metrics.json')];
}

/**
 * What `evaluate` has left in a run folder or in one of predictions; undefined where it has not.
 *
 * @throws FormatError for a file that is there and no evaluation
 */
export async function readEvaluation(
  files: readonly string[],
): Promise<StoredEvaluation | undefined> {
  for (const path of files) {
    const json = await readJsonFile(path).catch((error: Error) => {
      const code = (error.cause as NodeJS.ErrnoException | undefined)?.code;
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      throw error;
    });
    if (json === undefined) continue;
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new FormatError(
      `${path}: readEvaluation: not an evaluation. '${issue?.path.join('.')}': ${issue?.message}. Run evaluate again.`,
    );
  }
  return undefined;
}
