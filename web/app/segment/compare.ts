/** A segmentation against the label map of its scan. */
import type { Engine } from '../engine.ts';
import { isAbort, plainMessage } from '../plain_message.ts';
import { pairLabels } from '../scans/pairing.ts';
import { type AppStore, changeScan, type Scan } from '../state/app_state.ts';

function labelOf(store: AppStore, name: string): File | undefined {
  const { scans, labels } = store.get();
  return pairLabels(scans, labels).get(name)?.file;
}

/** Whether a scan's metrics are not those of its segmentation and its label map, as they are now. */
function isDue({ segmentation, evaluation }: Scan, label: File | undefined): boolean {
  if (!segmentation || !label) return evaluation !== undefined;
  if (!evaluation) return true;
  return evaluation.segmentation !== segmentation || evaluation.label !== label;
}

/**
 * Metrics of one scan; without a label map it has none. A label map that does not fit is told at the scan, and does
 * not fail its segmentation.
 *
 * @returns what is wrong with the label map
 * @throws the signal's reason
 */
export async function compareScan(
  store: AppStore,
  engine: Engine,
  name: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const scan = store.get().scans.find((candidate) => candidate.name === name);
  const label = labelOf(store, name);
  if (!scan || !isDue(scan, label)) return undefined;
  const { segmentation } = scan;
  if (!segmentation || !label) {
    changeScan(store, name, { evaluation: undefined });
    return undefined;
  }
  try {
    const job = engine.evaluate({ name, prediction: segmentation.file, label, signal });
    const json = await job.result;
    changeScan(store, name, { evaluation: { segmentation, label, json } });
    return undefined;
  } catch (error) {
    if (isAbort(error) || signal.aborted) throw error;
    const failure = plainMessage(error, name);
    changeScan(store, name, { evaluation: { segmentation, label, failure } });
    return failure;
  }
}

/** Scans whose metrics are due: label maps came or went after the run. */
export function scansToCompare(store: AppStore): string[] {
  const { scans } = store.get();
  return scans.filter((scan) => isDue(scan, labelOf(store, scan.name))).map(({ name }) => name);
}
