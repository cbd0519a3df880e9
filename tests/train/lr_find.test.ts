import { describe, expect, it } from 'vitest';
import { ConfigError, GpuError } from '../../src/errors.ts';
import { fromSpacing } from '../../src/io/affine.ts';
import { volume } from '../../src/io/volume.ts';
import { patchConfig } from '../../src/patch/patch_config.ts';
import type { AdamRate } from '../../src/train/adam.ts';
import type { BatchLoader } from '../../src/train/batch.ts';
import { dataLoaders } from '../../src/train/data_loaders.ts';
import { Learner, type LearnerOptions } from '../../src/train/learner.ts';
import { findLr, type LrFindOptions, suggestLr, type Trial } from '../../src/train/lr_find.ts';
import { valley } from '../../src/train/valley.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { hasHalf } from '../helpers/half.ts';
import { randomArray } from '../helpers/random.ts';
import { toyBatch, toyLoader, toyNetwork } from '../helpers/toy_training.ts';

const NO_LOADER: BatchLoader = { batches: 0, epoch: () => [] };

/** A search whose losses are given, and what it asked for. */
async function search(
  lossOf: (step: number) => number,
  options: Partial<LrFindOptions> = {},
  batchesPerEpoch = 7,
) {
  const rates: AdamRate[] = [];
  const epochs: number[] = [];
  const mayDiverge: boolean[] = [];
  const trial: Trial = {
    async *epoch(epoch) {
      epochs.push(epoch);
      for (let n = 0; n < batchesPerEpoch; n++) yield [];
    },
    async step(_, how) {
      rates.push(how.rate);
      mayDiverge.push(how.mayDiverge ?? false);
      return lossOf(how.step);
    },
  };
  const finding = await findLr({ loaders: { train: NO_LOADER }, ...options }, trial);
  return { finding, rates, epochs, mayDiverge };
}

/** Flat, falling from step 30 on, and running away from step 70 on. */
const typical = (step: number): number =>
  step < 30 ? 1.6 : step < 70 ? 1.6 - 0.025 * (step - 30) : 0.6 * 1.3 ** (step - 70);

describe('findLr', () => {
  it('raises the rate by equal factors towards endLr, over as many epochs as it takes', async () => {
    const { finding, rates, epochs } = await search(() => 1, { numIt: 20 });
    expect(epochs).toEqual([0, 1, 2]);
    expect(rates.map(({ lr }) => lr)).toEqual(finding.lrs);
    expect(rates.map(({ momentum }) => momentum)).toEqual(Array(20).fill(0.9));
    const expected = Array.from({ length: 20 }, (_, k) => 10 ** (-7 + (8 * k) / 20));
    expectClose(finding.lrs, expected, { rtol: 1e-12, atol: 0 });
    expect(finding.diverged).toBe(false);
  });

  it('takes 100 steps from 1e-7 towards 10 by default', async () => {
    const { lrs } = (await search(() => 1)).finding;
    expect(lrs.length).toBe(100);
    expect(lrs[0]).toBe(1e-7);
    expect(lrs[99]! * 10 ** 0.08).toBeCloseTo(10, 10);
  });

  it('stops after the first step whose smoothed loss is above four times the lowest', async () => {
    const { finding } = await search(typical);
    const { losses, stepLosses, diverged } = finding;
    expect(diverged).toBe(true);
    expect(losses.length).toBeLessThan(100);
    const lowest = Math.min(...losses);
    expect(losses.at(-1)).toBeGreaterThan(4 * lowest);
    expect(losses.at(-2)).toBeLessThanOrEqual(4 * lowest);
    expect(stepLosses).toEqual(losses.map((_, step) => typical(step)));
    const whole = (await search(typical, { stopDiv: false })).finding;
    expect(whole.losses.length).toBe(100);
    expect(whole.losses.slice(0, losses.length)).toEqual(losses);
    expect(whole.diverged).toBe(false);
  });

  it('suggests a rate at which the loss was falling', async () => {
    const { finding } = await search(typical);
    const step = finding.lrs.indexOf(finding.valley);
    expect(step).toBeGreaterThan(30);
    expect(step).toBeLessThan(70);
  });

  it('ends at a loss that is NaN, with the suggestion of all steps before it', async () => {
    const lost = (step: number): number => (step < 60 ? typical(step) : Number.NaN);
    const { finding } = await search(lost);
    const { losses, lrs } = finding;
    expect(losses.length).toBe(61);
    expect(finding.diverged).toBe(true);
    expect(finding.valley).toBe(lrs[10 + valley(losses.slice(10, 60))]);
    // As if it had gone on.
    const rest = Array<number>(39).fill(Number.NaN);
    expect(suggestLr([...lrs, ...rest], [...losses, ...rest], 100)).toBe(finding.valley);
  });

  it('leaves out the last five steps even if the loss is NaN among them', () => {
    const losses = Array.from({ length: 99 }, (_, n) => (n < 98 ? 100 - n : Number.NaN));
    const lrs = losses.map((_, n) => n);
    expect(suggestLr(lrs, losses, 100)).toBe(10 + valley(losses.slice(10, 95)));
  });

  it('lets losses be infinite as soon as there is something to suggest', async () => {
    const { mayDiverge } = await search(() => 1, { numIt: 30 });
    expect(mayDiverge.indexOf(true)).toBe(4);
    const loss = (step: number): number => (step < 20 ? 1 - step / 100 : Number.POSITIVE_INFINITY);
    const { finding } = await search(loss, { numIt: 30 });
    expect(finding.losses.length).toBe(21);
  });

  it('refuses a loss that diverges before there is anything to suggest', async () => {
    const run = search((step) => (step < 5 ? 1 : 1e6));
    await expect(run).rejects.toThrow(ConfigError);
    await expect(run).rejects.toThrow(/diverged before.*6 of 100 steps/);
  });

  it('refuses rates that do not grow, too few steps, and a loader without batches', async () => {
    await expect(search(() => 1, { startLr: 1, endLr: 1 })).rejects.toThrow('has to grow');
    await expect(search(() => 1, { startLr: 0 })).rejects.toThrow('has to grow');
    await expect(search(() => 1, { numIt: 5 })).rejects.toThrow('from 6');
    expect((await search(() => 1, { numIt: 6 })).finding.lrs.length).toBe(6);
    await expect(search(() => 1, {}, 0)).rejects.toThrow('no batch');
  });
});

/** Trains an epoch, or two with something in between; gives weights and losses. */
async function train(
  settings: Partial<LearnerOptions>,
  loader: () => BatchLoader,
  between: (learner: Learner, train: BatchLoader) => Promise<unknown> = async () => {},
) {
  const gpu = await testGpu();
  const model = toyNetwork(gpu, { dropout: 0.2 });
  const learner = new Learner({ gpu, model, seed: 3, ...settings });
  try {
    const loaders = { train: loader() };
    const first = await learner.fitOneCycle(1, 0.01, { loaders });
    await between(learner, loaders.train);
    const second = await learner.fitOneCycle(1, 0.01, { loaders });
    const losses = [...first.steps, ...second.steps].map(({ loss }) => loss);
    return { losses, weights: await model.stateDict(), lossScale: learner.lossScale };
  } finally {
    learner.dispose();
    model.dispose();
  }
}

/** Patches of made-up scans through the queue, in random order. */
function queueLoader(): BatchLoader {
  const shape = [1, 12, 12, 12];
  const config = { patchSize: [8, 8, 8], samplesPerVolume: 3, queueLength: 6 } as const;
  return dataLoaders({
    train: [0, 1, 2, 3].map((seed) => ({ name: `case${seed}`, seed })),
    valid: [],
    readSubject: async ({ name, seed }) => {
      const data = randomArray(shape, seed);
      const affine = fromSpacing([1, 1, 1]);
      const mask = data.map((value) => (value > 0 ? 1 : 0));
      return {
        name,
        image: volume(data, shape, affine),
        label: volume(mask, shape, affine),
      };
    },
    config: patchConfig(config),
    batchSize: 2,
    seed: 5,
  }).train;
}

describe('Learner.lrFind', () => {
  it('finds a rate with which the network learns', async () => {
    const gpu = await testGpu();
    const model = toyNetwork(gpu);
    const learner = new Learner({ gpu, model, seed: 3 });
    const before = gpu.pool.bytesInUse;
    const seen: number[] = [];
    const { valley: lr, losses } = await learner.lrFind({
      loaders: { train: toyLoader(8) },
      onStep: ({ step }) => seen.push(step),
    });
    expect(gpu.pool.bytesInUse).toBe(before);
    expect(seen).toEqual(losses.map((_, step) => step));
    expect(lr).toBeGreaterThan(1e-4);
    expect(lr).toBeLessThan(1);
    const { epochs } = await learner.fitOneCycle(8, lr, { loaders: { train: toyLoader(3) } });
    expect(epochs.at(-1)!.trainLoss).toBeLessThan(0.9 * epochs[0]!.trainLoss);
    learner.dispose();
    model.dispose();
  });

  it.each([
    ['batches of a list', {}, () => toyLoader(3)],
    ['patches of a queue', {}, queueLoader],
    ['steps of two batches', { accumulate: 2 }, () => toyLoader(3)],
  ] as const)(
    'leaves the training after it as it is, byte for byte: %s',
    async (_, settings, loader) => {
      const plain = await train(settings, loader);
      const searched = await train(settings, loader, async (learner, batches) => {
        const { losses } = await learner.lrFind({ loaders: { train: batches }, numIt: 12 });
        expect(losses.length).toBeGreaterThan(6);
      });
      expect(searched).toEqual(plain);
    },
  );

  it.runIf(hasHalf)('restores the loss scale of half precision', async () => {
    const settings = { precision: 'f16' } as const;
    const loader = () => toyLoader(3);
    const plain = await train(settings, loader);
    const searched = await train(settings, loader, (learner, batches) =>
      learner.lrFind({ loaders: { train: batches }, numIt: 12 }),
    );
    expect(searched).toEqual(plain);
  });

  it('restores everything after weights that are not finite, an abort and an error', async () => {
    const gpu = await testGpu();
    const plain = await train({}, () => toyLoader(3));
    const before = gpu.pool.bytesInUse;
    const searched = await train(
      {},
      () => toyLoader(3),
      async (learner, batches) => {
        const loaders = { train: batches };
        const wild = { loaders, startLr: 1, endLr: 1e38, numIt: 20, stopDiv: false };
        const { stepLosses, diverged } = await learner.lrFind(wild);
        expect(stepLosses.at(-1)).not.toBeLessThan(Number.POSITIVE_INFINITY);
        expect(diverged).toBe(true);

        const stop = new AbortController();
        const onStep = ({ step }: { step: number }): void => {
          if (step === 4) stop.abort(new Error('enough'));
        };
        const stopped = learner.lrFind({ loaders, signal: stop.signal, onStep });
        await expect(stopped).rejects.toThrow('enough');

        const damaged = toyBatch(1);
        damaged.image[5] = Number.NaN;
        const broken = { batches: 2, epoch: () => [toyBatch(0), damaged] };
        const failed = learner.lrFind({ loaders: { train: broken } });
        await expect(failed).rejects.toThrow(GpuError);
        await expect(failed).rejects.toThrow(/step 1 is NaN.*the image patches themselves/);
      },
    );
    expect(searched).toEqual(plain);
    expect(gpu.pool.bytesInUse).toBe(before);
  });
});
