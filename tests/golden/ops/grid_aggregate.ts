import { GridAggregator } from '../../../src/patch/aggregator.ts';
import type { GoldenHandler } from '../case.ts';

export const handler: GoldenHandler = (c) => {
  const { size, patch, overlap, mode, channels } = c.params;
  const aggregator = new GridAggregator({
    shape: [channels, size[0], size[1], size[2]],
    mode,
    patchOverlap: overlap,
  });
  const patches = c.input('patches');
  const rows = c.input('locations').data;
  const values = patches.data.length / patches.shape[0]!;
  for (let n = 0; n < patches.shape[0]!; n++) {
    const start = [rows[6 * n]!, rows[6 * n + 1]!, rows[6 * n + 2]!] as const;
    aggregator.add(patches.data, { start, size: patch }, n * values);
  }
  return { volume: { data: aggregator.result() } };
};
