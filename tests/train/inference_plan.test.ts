import { describe, expect, it } from 'vitest';
import { fromSpacing } from '../../src/io/affine.ts';
import { volume } from '../../src/io/volume.ts';
import { openGpu } from '../../src/node/dawn.ts';
import { planInference } from '../../src/train/inference_plan.ts';
import { slidingWindow, slidingWindowLabels } from '../../src/train/sliding_window.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';
import { toyNetwork } from '../helpers/toy_training.ts';

const SHAPE = [1, 70, 20, 24] as const;
const input = volume(randomArray(SHAPE, 1), SHAPE, fromSpacing([1, 1, 1]));
const WINDOW = {
  patchSize: [16, 16, 16] as const,
  patchOverlap: 0.5,
  aggregationMode: 'hann' as const,
};
const LABELS = { name: 'labels', threshold: 0.5 } as const;

describe('planInference', () => {
  it.each([
    { swBatchSize: 1, outChannels: 2, tta: false },
    { swBatchSize: 5, outChannels: 3, tta: true },
    { swBatchSize: 7, outChannels: 1, tta: false },
  ])('is exact: $swBatchSize patches, $outChannels channels', async ({ outChannels, ...batch }) => {
    // A pool without buffers of other tests.
    const gpu = await openGpu();
    const network = toyNetwork(gpu, { outChannels });
    const options = { ...WINDOW, ...batch };
    for (const kind of [LABELS, { name: 'probabilities' }] as const) {
      const { memory } = planInference(gpu, network, input, options, kind);
      await gpu.sync();
      gpu.pool.trim(0);
      gpu.pool.resetPeak();
      const run = kind.name === 'labels' ? slidingWindowLabels : slidingWindow;
      await run(gpu, network, input, options);
      expect(memory.standing).toBe(gpu.pool.bytesInUse);
      expect(memory.peak).toBe(gpu.pool.peakBytes);
      expect(memory.total - memory.readback).toBe(gpu.pool.peakAllocatedBytes);
    }
    network.dispose();
    gpu.destroy();
  });

  it('says what labels and probabilities of a slab take to be read', async () => {
    const gpu = await testGpu();
    const network = toyNetwork(gpu, { outChannels: 3 });
    const readback = (kind: Parameters<typeof planInference>[4]) =>
      planInference(gpu, network, input, WINDOW, kind).memory.readback;
    // The last layer leaves 16 rows: two slabs, as patches begin 8 rows apart but for the last.
    expect(readback(LABELS)).toBeLessThanOrEqual(16 * 20 * 24 + 2 * 8);
    const all = readback({ name: 'probabilities' });
    expect(all / (4 * 3)).toBeGreaterThan(readback(LABELS) / 1.1);
    network.dispose();
  });
});
