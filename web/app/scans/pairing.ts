/** Which label map belongs to which scan. */
import { labelledName } from './names.ts';

interface Named {
  readonly name: string;
}

/**
 * Pairs by name: first the same, then one without `_seg` or the like; a single label map beside a single scan
 * belongs to it, whatever their names.
 *
 * @returns label maps by the name of their scan
 */
export function pairLabels<Label extends Named>(
  scans: readonly Named[],
  labels: readonly Label[],
): Map<string, Label> {
  const pairs = new Map<string, Label>();
  for (const { name } of scans) {
    const label =
      labels.find((candidate) => candidate.name === name) ??
      labels.find((candidate) => labelledName(candidate.name) === stem(name));
    if (label) pairs.set(name, label);
  }
  const [scan, label] = [scans[0], labels[0]];
  if (scan && label && scans.length === 1 && labels.length === 1) pairs.set(scan.name, label);
  return pairs;
}

/** nnU-Net numbers the channels of a scan: `case_1_0000`. */
const stem = (name: string): string => name.replace(/_0000$/, '');

/** Label maps that belong to no scan. */
export function unpairedLabels<Label extends Named>(
  labels: readonly Label[],
  pairs: ReadonlyMap<string, Label>,
): Label[] {
  const used = new Set(pairs.values());
  return labels.filter((label) => !used.has(label));
}
