import { describe, expect, test } from 'vitest';
import { ConfigError, GpuError } from '../../src/errors.ts';
import type { Triple } from '../../src/shape.ts';
import { analyseGrids } from '../../src/train/dataset_analysis.ts';
import { divisorOf, planNetwork, planStrides } from '../../src/train/plan.ts';

const analysis = (size: Triple, spacing: Triple) => analyseGrids([{ name: 'a', size, spacing }]);

const options = {
  inChannels: 1,
  outChannels: 2,
  batchSize: 4,
  memoryBytes: 2 * 2 ** 30,
  numResUnits: 2,
};

describe('planStrides', () => {
  test('halves the axes of an isotropic patch together, down to four voxels', () => {
    const all = [2, 2, 2];
    expect(planStrides([32, 48, 32], [1, 1, 1])).toEqual([all, all, all]);
  });

  test('leaves a coarse axis alone until the others have caught up', () => {
    const strides = planStrides([256, 256, 8], [1.37, 1.37, 8]);
    expect(strides.slice(0, 3)).toEqual([
      [2, 2, 1],
      [2, 2, 1],
      [2, 2, 2],
    ]);
    expect(strides[3]).toEqual([2, 2, 1]);
  });

  test('has no level for a patch too small to halve', () => {
    expect(planStrides([7, 7, 7], [1, 1, 1])).toEqual([]);
  });
});

describe('planNetwork', () => {
  test('takes the median size, rounded down to what the strides divide', () => {
    const plan = planNetwork(analysis([35, 50, 36], [1, 1, 1]), options);
    expect(plan.patchSize).toEqual([32, 48, 32]);
    expect(plan.channels.length).toBe(plan.strides.length + 1);
    expect(plan.channels[0]).toBe(16);
  });

  test('shrinks the patch until a step fits into the memory, and keeps it divisible', () => {
    for (const memoryBytes of [4e9, 1e9, 2e8, 5e7]) {
      const plan = planNetwork(analysis([512, 512, 300], [0.8, 0.8, 1.5]), {
        ...options,
        memoryBytes,
      });
      expect(plan.memory.peak).toBeLessThanOrEqual(memoryBytes);
      const divisor = divisorOf(plan.strides);
      expect(plan.patchSize.map((size, axis) => size % divisor[axis]!)).toEqual([0, 0, 0]);
      expect(Math.min(...plan.patchSize)).toBeGreaterThanOrEqual(4);
    }
  });

  test('keeps what the user has decided', () => {
    const plan = planNetwork(analysis([256, 256, 9], [1.4, 1.4, 8]), {
      ...options,
      patchSize: [96, 96, 8],
      channels: [8, 16, 32],
    });
    expect(plan.patchSize).toEqual([96, 96, 8]);
    expect(plan.channels).toEqual([8, 16, 32]);
    expect(plan.strides).toEqual([
      [2, 2, 1],
      [2, 2, 1],
    ]);
  });

  test('refuses choices that contradict each other', () => {
    const data = analysis([64, 64, 64], [1, 1, 1]);
    const two: Triple = [2, 2, 2];
    expect(() => planNetwork(data, { ...options, channels: [8, 16], strides: [two, two] })).toThrow(
      ConfigError,
    );
    expect(() =>
      planNetwork(data, { ...options, patchSize: [30, 32, 32], strides: [two, two] }),
    ).toThrow(/multiple/);
  });

  test('refuses images that leave nothing to halve, with their size', () => {
    const tiny = analysis([7, 7, 7], [1, 1, 1]);
    expect(() => planNetwork(tiny, options)).toThrow(/\[7,7,7\].*finer spacing/);
  });

  test('plans larger patches where activations are computed twice', () => {
    const data = analysis([256, 256, 256], [1, 1, 1]);
    const limited = { ...options, memoryBytes: 2 ** 29 };
    const voxels = ({ patchSize: [i, j, k] }: { patchSize: Triple }) => i * j * k;
    const kept = planNetwork(data, limited);
    const repeated = planNetwork(data, { ...limited, checkpointing: true });
    expect(voxels(repeated)).toBeGreaterThan(1.2 * voxels(kept));
    expect(repeated.memory.peak).toBeLessThanOrEqual(2 ** 29);
  });

  test('a batch of which no tensor fits is refused, a chosen patch with the tensor', () => {
    const data = analysis([64, 64, 64], [1, 1, 1]);
    expect(() => planNetwork(data, { ...options, batchSize: 1e7 })).toThrow(/smaller batch/);
    const chosen = { ...options, batchSize: 1e4, patchSize: [64, 64, 64] as const };
    expect(() => planNetwork(data, chosen)).toThrow(GpuError);
  });

  test('the tutorial network at its patch and batch fits into a gibibyte', () => {
    const tutorial = {
      ...options,
      memoryBytes: 2 ** 40,
      patchSize: [128, 128, 64] as const,
      channels: [16, 32, 64, 128, 256],
      strides: [2, 2, 2, 2].map(() => [2, 2, 2] as const),
    };
    const data = analysis([320, 320, 110], [1.25, 1.25, 1.37]);
    const { memory } = planNetwork(data, tutorial);
    expect(memory.peak).toBeLessThan(2 ** 30);
    expect(memory.parameters).toBeGreaterThan(4 * 4_806_481);
    const { peak } = planNetwork(data, { ...tutorial, checkpointing: true }).memory;
    expect(peak).toBeLessThan(0.65 * memory.peak);
  });
});
