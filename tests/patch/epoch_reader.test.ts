import { describe, expect, it } from 'vitest';
import { identityAffine } from '../../src/io/affine.ts';
import { volume } from '../../src/io/volume.ts';
import { ByteBudget } from '../../src/patch/byte_budget.ts';
import { EpochReader } from '../../src/patch/epoch_reader.ts';
import { epochPlan } from '../../src/patch/queue_plan.ts';
import { SubjectCache } from '../../src/patch/subject_cache.ts';
import { UniformSampler } from '../../src/patch/uniform_sampler.ts';
import { Rng } from '../../src/rng.ts';

const PATCH_BYTES = 4 * 2 ** 3;
const sizes = [4, 9, 3, 6, 9, 2, 7, 5, 8, 3, 6, 4];
const bytes = (index: number) => 4 * sizes[index]! ** 3;
const both = (index: number) => ({ loaded: bytes(index), loading: bytes(index) });
const tick = () => new Promise((resolve) => setTimeout(resolve, 0));

function reader(maxBytes: number, loads: number[] = []) {
  const budget = new ByteBudget(maxBytes);
  const load = async (index: number) => {
    loads.push(index);
    if (index % 3 === 0) await tick();
    const size = sizes[index]!;
    const data = Float32Array.from({ length: size ** 3 }, (_, n) => 1000 * index + n);
    return { name: `${index}`, image: volume(data, [1, size, size, size], identityAffine()) };
  };
  const cache = new SubjectCache({ count: sizes.length, name: String, load, bytes: both }, budget);
  const plan = epochPlan(
    { subjects: sizes.length, samplesPerVolume: 7, queueLength: 30, shuffle: true },
    Rng.seed(1),
  );
  const sampler = new UniformSampler([2, 2, 2]);
  const options = { plan, samplesPerVolume: 7, batchSize: 3, sampler, rng: Rng.seed(2) };
  return { plan, budget, epoch: new EpochReader(options, cache, budget) };
}

/** First voxels of all patches, with a prefetch and a pause of the consumer now and then. */
async function drain(maxBytes: number, loads: number[] = []) {
  const { plan, budget, epoch } = reader(maxBytes, loads);
  const firsts: number[] = [];
  for (let n = 0; n < plan.length; n++) {
    firsts.push((await epoch.take()).patch.image.data[0]!);
    if (n % 3 === 2) epoch.prefetch();
    if (n % 5 === 4) await tick();
  }
  await epoch.close();
  return { firsts, peakBytes: budget.peakBytes, bytes: budget.bytes };
}

describe('EpochReader', () => {
  it('hands out the same patches from the least memory to plenty, never above its bytes', async () => {
    const least = bytes(1) + 5 * PATCH_BYTES;
    const { firsts } = await drain(2 ** 30);
    for (let maxBytes = least; maxBytes < 2 * least; maxBytes += 97) {
      const run = await drain(maxBytes);
      expect(run.firsts).toEqual(firsts);
      expect(run.peakBytes).toBeLessThanOrEqual(maxBytes);
    }
  });

  it('reads less often the more memory it has', async () => {
    const counts: number[] = [];
    for (const factor of [1.1, 1.6, 4, 100]) {
      const loads: number[] = [];
      await drain(Math.round(factor * bytes(1)), loads);
      counts.push(loads.length);
    }
    expect(counts).toEqual(counts.toSorted((a, b) => b - a));
    expect(counts.at(-1)).toBe(sizes.length);
  });

  it('gives everything but cached subjects back when it is closed in the middle of reading', async () => {
    const { budget, epoch } = reader(2 ** 20);
    const { patch } = await epoch.take();
    epoch.prefetch();
    await epoch.close();
    const held = budget.bytes - bytes(Number(patch.name));
    expect(held === 0 || sizes.some((_, index) => bytes(index) === held)).toBe(true);
  });
});
