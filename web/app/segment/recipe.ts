/** What a segmentation was made with, and which scans have none like it. */
import type { LoadedModel, Options, Scan } from '../state/app_state.ts';

/** Equal for the same model and the same options that change a result. */
export const recipeOf = ({ id }: LoadedModel, { tta, patchSize }: Options): string =>
  JSON.stringify([id, tta, patchSize ?? null]);

/** Names of the scans that have no such segmentation; all of them where none is missing. */
export function scansToSegment(scans: readonly Scan[], recipe: string): string[] {
  const missing = scans.filter((scan) => scan.state !== 'done' || scan.recipe !== recipe);
  return (missing.length > 0 ? missing : scans).map(({ name }) => name);
}
