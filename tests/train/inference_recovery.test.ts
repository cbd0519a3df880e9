import { describe, expect, it } from 'vitest';
import { DeviceLostError } from '../../src/errors.ts';
import type { Gpu } from '../../src/gpu/device.ts';
import { fromSpacing } from '../../src/io/affine.ts';
import { type Volume, volume } from '../../src/io/volume.ts';
import type { UNet } from '../../src/nn/unet.ts';
import { openGpu } from '../../src/node/dawn.ts';
import { gridLocations } from '../../src/patch/grid_sampler.ts';
import type { PatchLocation } from '../../src/patch/location.ts';
import { Rng } from '../../src/rng.ts';
import { InferenceState } from '../../src/train/inference_recovery.ts';
import {
  type SlidingWindowOptions,
  slidingWindow,
  slidingWindowLabels,
} from '../../src/train/sliding_window.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';
import { toyNetwork } from '../helpers/toy_training.ts';

const SHAPE = [1, 29, 12, 13] as const;
const input = volume(randomArray(SHAPE, 4), SHAPE, fromSpacing([1, 1, 1]));
const WINDOW: SlidingWindowOptions = {
  patchSize: [8, 8, 8],
  patchOverlap: 0.5,
  aggregationMode: 'hann',
};
const NETWORK = { outChannels: 3, numResUnits: 0 };
type Run = typeof slidingWindow;

interface Opened {
  readonly gpu: Gpu;
  readonly model: UNet;
}

async function open(): Promise<Opened> {
  const gpu = await openGpu();
  return { gpu, model: toyNetwork(gpu, NETWORK) };
}

/** Loses the device each time so many patches are done, and goes on. */
async function runWithLosses(
  run: Run,
  options: Partial<SlidingWindowOptions>,
  share: number,
  losses: number[],
): Promise<{ result: Volume; opened: Opened[]; seen: number[]; warnings: string[] }> {
  const opened = [await open()];
  const seen: number[] = [];
  const warnings: string[] = [];
  const left = [...losses];
  const { gpu, model } = opened[0]!;
  const reopen = async (): Promise<Opened> => {
    opened.push(await open());
    return opened.at(-1)!;
  };
  const result = await run(gpu, model, input, {
    ...WINDOW,
    ...options,
    recovery: { reopen, share },
    onWarning: (text) => warnings.push(text),
    onProgress: (done) => {
      seen.push(done);
      if (done !== left[0]) return;
      left.shift();
      opened.at(-1)!.gpu.device.destroy();
    },
  });
  expect(left).toEqual([]);
  return { result, opened, seen, warnings };
}

/** The same on one device, and the patches done after each batch. */
async function undisturbed(run: Run, options: Partial<SlidingWindowOptions>) {
  const gpu = await testGpu();
  const model = toyNetwork(gpu, NETWORK);
  const steps: number[] = [];
  const onProgress = (done: number) => void steps.push(done);
  const result = await run(gpu, model, input, { ...WINDOW, ...options, onProgress });
  model.dispose();
  return { result, steps };
}

describe('inference whose device is lost', () => {
  // 7 x 2 x 3 patches.
  it.each([
    ['labels, snapshots after each patch', slidingWindowLabels, {}, Number.POSITIVE_INFINITY],
    ['labels, no snapshot', slidingWindowLabels, {}, 0],
    ['probabilities in batches of 4', slidingWindow, { swBatchSize: 4 }, Number.POSITIVE_INFINITY],
    ['probabilities in batches of 4, no snapshot', slidingWindow, { swBatchSize: 4 }, 0],
    ['crop', slidingWindow, { aggregationMode: 'crop' }, 0],
    ['gaussian weights', slidingWindow, { aggregationMode: 'gaussian' }, Number.POSITIVE_INFINITY],
    ['mirrored views', slidingWindow, { tta: ['LR'] }, Number.POSITIVE_INFINITY],
    ['patches that do not overlap', slidingWindow, { patchOverlap: 0 }, 0],
  ] as const)('goes on to the same bytes: %s', async (_, run, options, share) => {
    const { result: expected, steps } = await undisturbed(run, options);
    const rng = Rng.seed(steps.length);
    const losses = [0, 1].map(
      (half) => steps[Math.floor(((half + rng.uniform()) * (steps.length - 1)) / 2)]!,
    );
    const { result, opened, seen, warnings } = await runWithLosses(run, options, share, losses);
    expect(result.data).toEqual(expected.data);
    expect(opened.length).toBe(1 + losses.length);
    expect(seen.at(-1)).toBe(steps.at(-1));
    expect(warnings.length).toBe(losses.length);
    expect(warnings[0]).toMatch(/of 29 rows finished.*device was lost/);
    for (const { gpu, model } of opened) {
      model.dispose();
      expect(gpu.pool.bytesInUse).toBe(0);
      gpu.destroy();
    }
  });

  it('goes on with the patch after the last snapshot', async () => {
    const { seen, opened } = await runWithLosses(
      slidingWindowLabels,
      {},
      Number.POSITIVE_INFINITY,
      [17],
    );
    const again = seen[seen.indexOf(17) + 1]!;
    expect(again).toBeGreaterThanOrEqual(17);
    for (const { gpu } of opened) gpu.destroy();
  });

  it('throws the loss where nothing can open a new device, and after a third one at one place', async () => {
    const { gpu, model } = await open();
    const lose = () => gpu.destroy();
    const running = slidingWindowLabels(gpu, model, input, { ...WINDOW, onProgress: lose });
    await expect(running).rejects.toThrow(DeviceLostError);
    const dead = { gpu, model };
    let opened = 0;
    const again = slidingWindowLabels(gpu, model, input, {
      ...WINDOW,
      recovery: {
        reopen: async () => {
          opened++;
          return dead;
        },
      },
    });
    await expect(again).rejects.toThrow(DeviceLostError);
    expect(opened).toBe(2);
    model.dispose();
  });

  it('takes the kernels that were chosen for the device that was lost', async () => {
    const first = await open();
    const key = 'conv3d forward f32 of some size';
    first.gpu.choices.use({ [key]: 'naive' });
    const second = await open();
    await slidingWindowLabels(first.gpu, first.model, input, {
      ...WINDOW,
      recovery: { reopen: async () => second },
      onProgress: () => first.gpu.destroy(),
    });
    expect(second.gpu.choices.chosen[key]).toBe('naive');
    second.gpu.destroy();
  });

  it('ends when it was aborted meanwhile', async () => {
    const { gpu, model } = await open();
    const stop = new AbortController();
    const running = slidingWindowLabels(gpu, model, input, {
      ...WINDOW,
      signal: stop.signal,
      recovery: { reopen: open },
      onProgress: () => {
        gpu.destroy();
        stop.abort(new Error('closed the page'));
      },
    });
    await expect(running).rejects.toThrow('closed the page');
  });
});

describe('InferenceState', () => {
  const recovery = {
    reopen: () => Promise.reject(new Error('not here')),
    share: 0.02,
  };

  it('spends no more than its share of the time on snapshots', async () => {
    let now = 0;
    let spent = 0;
    const state = new InferenceState(recovery, () => now);
    for (let patch = 0; patch < 2000; patch++) {
      now += 100;
      if (!state.isDue(4e6)) continue;
      await state.save(patch, 0, async () => {
        now += 30;
        spent += 30;
        return [{ first: 0, sums: new Float32Array(1e6) }];
      });
    }
    expect(spent / now).toBeLessThan(0.02);
    expect(spent / now).toBeGreaterThan(0.01);
  });

  it('takes none without a way to recover, of nothing, and of what is too large to hold', () => {
    let now = 0;
    const [without, state] = [
      new InferenceState(undefined, () => now),
      new InferenceState(recovery, () => now),
    ];
    now = 1e9;
    expect(without.isDue(1000)).toBe(false);
    expect([1000, 0, 2 ** 29].map((bytes) => state.isDue(bytes))).toEqual([true, false, false]);
  });

  it('goes on behind its snapshot, or with the first patch that reaches an unfinished row', async () => {
    const state = new InferenceState(recovery);
    const batches: PatchLocation[][] = gridLocations([20, 4, 4], [8, 4, 4], [4, 0, 0]).map(
      (location) => [location],
    );
    // Patches begin at 0, 4, 8 and 12.
    expect(state.resume(batches)).toEqual({ batch: 0, row: 0, slabs: [] });
    state.store(4, 4);
    expect(state.rows).toBe(0);
    state.store(0, 4);
    expect(state.resume(batches)).toEqual({ batch: 1, row: 8, slabs: [] });
    await state.save(3, 4, async () => []);
    expect(state.resume(batches).batch).toBe(3);
    expect(state.resume(batches).row).toBe(4);
    state.store(8, 12);
    expect(state.resume(batches).batch).toBe(4);
  });

  it('gives up where losses follow each other without a new patch', () => {
    const state = new InferenceState(recovery);
    const lose = (patches: number): boolean => {
      state.reach(patches);
      return state.afterLoss() !== undefined;
    };
    expect([3, 4, 4, 2].map(lose)).toEqual([true, true, true, false]);
  });
});
