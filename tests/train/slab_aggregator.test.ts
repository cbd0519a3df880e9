import { describe, expect, it } from 'vitest';
import { GpuError } from '../../src/errors.ts';
import { DryGpu } from '../../src/gpu/dry_gpu.ts';
import { unpackLabels } from '../../src/kernels/aggregate.ts';
import { type AggregationMode, GridAggregator } from '../../src/patch/aggregator.ts';
import { gridLocations } from '../../src/patch/grid_sampler.ts';
import { product, type Triple } from '../../src/shape.ts';
import { SlabAggregator } from '../../src/train/slab_aggregator.ts';
import { finishSlab } from '../../src/train/slab_result.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

const PATCH: Triple = [6, 4, 4];
const OVERLAP: Triple = [2, 2, 0];

interface Case {
  readonly channels: number;
  readonly shape: Triple;
  readonly mode: AggregationMode;
  readonly batch: number;
}

/** Probabilities and labels by slabs on the GPU, and probabilities by the aggregator of the CPU. */
async function both({ channels, shape, mode, batch }: Case) {
  const gpu = await testGpu();
  const locations = gridLocations(shape, PATCH, OVERLAP);
  const voxels = channels * product(PATCH);
  const patches = randomArray([locations.length, voxels], 3).map((value) => Math.abs(value));
  const whole = new GridAggregator({ shape: [channels, ...shape], mode, patchOverlap: OVERLAP });
  const slabs = new SlabAggregator(gpu, {
    shape,
    channels,
    locations,
    mode,
    patchOverlap: OVERLAP,
  });
  const probabilities = new Float32Array(channels * product(shape));
  const labels = new Float32Array(product(shape));
  const plane = shape[1] * shape[2];
  for (let first = 0; first < locations.length; first += batch) {
    const some = locations.slice(first, first + batch);
    const values = patches.slice(first * voxels, (first + some.length) * voxels);
    some.forEach((location, n) => {
      whole.add(values, location, n * voxels);
    });
    using scope = gpu.scope();
    slabs.add(scope.upload(values, [some.length, channels, ...PATCH]), some);
    for (const slab of slabs.take(locations[first + batch]?.start[0] ?? shape[0])) {
      const { result } = finishSlab(scope, slab.sums, { name: 'probabilities' });
      const words = finishSlab(scope, slab.sums, { name: 'labels', threshold: 0.5 });
      slabs.release(slab);
      const size = slab.rows * plane;
      const means = await gpu.read(result);
      for (let c = 0; c < channels; c++) {
        const at = (c * shape[0] + slab.first) * plane;
        probabilities.set(means.subarray(c * size, (c + 1) * size), at);
      }
      const packed = await gpu.read<'u32'>(words.result);
      labels.set(unpackLabels(packed, channels, size), slab.first * plane);
      expect(await gpu.read(words.broken)).toEqual(Float32Array.of(0));
    }
  }
  expect(slabs.bytes).toBe(0);
  slabs.dispose();
  return { probabilities, labels, expected: whole.result() };
}

/** Where the largest of the probabilities is clear. */
function classes(probabilities: Float32Array, channels: number): (number | undefined)[] {
  const voxels = probabilities.length / channels;
  return Array.from({ length: voxels }, (_, voxel) => {
    const of = Array.from({ length: channels }, (_, c) => probabilities[c * voxels + voxel]!);
    const [first, second = 0.5] = of.toSorted((a, b) => b - a);
    if (Math.abs(first! - second) < 1e-5) return undefined;
    return channels === 1 ? Number(first! > 0.5) : of.indexOf(first!);
  });
}

describe('SlabAggregator', () => {
  it.each(
    (['hann', 'gaussian', 'average', 'crop'] as const).flatMap((mode) => [
      // Three layers of patches, the last of which overlaps more than the others.
      { mode, channels: 2, shape: [13, 7, 9] as Triple, batch: 1 },
      // Batches reach from one layer into the next.
      { mode, channels: 3, shape: [13, 7, 9] as Triple, batch: 7 },
      { mode, channels: 1, shape: [6, 4, 4] as Triple, batch: 2 },
    ]),
  )('gives what the aggregator of the CPU gives: $mode, $channels channels', async (each) => {
    const { probabilities, labels, expected } = await both(each);
    expectClose(probabilities, expected, { rtol: 1e-6, shape: [each.channels, ...each.shape] });
    const clear = classes(expected, each.channels);
    expect(clear.filter((label) => label === undefined).length).toBeLessThan(clear.length / 20);
    clear.forEach((label, voxel) => {
      if (label !== undefined) expect(labels[voxel]).toBe(label);
    });
  });

  it('holds no more rows than a patch is deep and those of one slab, and releases all', () => {
    const gpu = new DryGpu();
    const shape: Triple = [500, 40, 40];
    const patchSize: Triple = [64, 40, 40];
    const locations = gridLocations(shape, patchSize, [16, 0, 0]);
    const options = { shape, channels: 5, locations, patchOverlap: [16, 0, 0] as Triple };
    const slabs = new SlabAggregator(gpu, options);
    let most = 0;
    let rows = 0;
    const patch = gpu.tensor([1, 5, ...patchSize]);
    for (const [n, location] of locations.entries()) {
      slabs.add(patch, [location]);
      most = Math.max(most, slabs.bytes);
      for (const slab of slabs.take(locations[n + 1]?.start[0] ?? shape[0])) {
        rows += slab.rows;
        slabs.release(slab);
      }
    }
    expect(rows).toBe(500);
    expect(most / (4 * 6 * 1600)).toBeLessThanOrEqual(64 + 32);
    gpu.release(patch);
    slabs.dispose();
    expect(gpu.pool.bytesInUse).toBe(0);
  });

  it('makes slabs as low as a binding asks for, and refuses where one row is too much', () => {
    const { device, info } = new DryGpu();
    const rowBytes = 4 * 3 * 100 * 100;
    const limited = (maxStorageBufferBindingSize: number) =>
      new DryGpu({
        info,
        device: { ...device, limits: { ...device.limits, maxStorageBufferBindingSize } },
      });
    const shape: Triple = [20, 100, 100];
    const locations = gridLocations(shape, shape, [0, 0, 0]);
    const options = { shape, channels: 2, locations, patchOverlap: [0, 0, 0] as Triple };
    const gpu = limited(Math.floor(7.5 * rowBytes));
    const slabs = new SlabAggregator(gpu, options);
    slabs.add(new DryGpu().tensor([1, 2, ...shape]), locations);
    expect(slabs.take(20).map(({ rows }) => rows)).toEqual([7, 7, 6]);
    expect(() => new SlabAggregator(limited(rowBytes - 4), options)).toThrow(GpuError);
  });
});
