import { describe, expect, it } from 'vitest';
import { Tape } from '../../src/autograd/tape.ts';
import { Variable } from '../../src/autograd/variable.ts';
import { GpuError, ShapeError } from '../../src/errors.ts';
import type { Gpu } from '../../src/gpu/device.ts';
import { identityAffine } from '../../src/io/affine.ts';
import { type Volume, volume } from '../../src/io/volume.ts';
import { UNet } from '../../src/nn/unet.ts';
import { openGpu } from '../../src/node/dawn.ts';
import { reverseAxes } from '../../src/patch/transforms/flip.ts';
import { Rng } from '../../src/rng.ts';
import {
  type SlidingWindowOptions,
  slidingWindow,
  slidingWindowLabels,
} from '../../src/train/sliding_window.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { IDENTITY_CONFIG, identityWeights } from '../helpers/identity_network.ts';
import { limitedGpu } from '../helpers/limited_gpu.ts';
import { randomArray } from '../helpers/random.ts';
import { toyNetwork } from '../helpers/toy_training.ts';

const SHAPE = [1, 11, 9, 7] as const;

const noise = (): Volume => volume(randomArray(SHAPE, 5), SHAPE, identityAffine());

function identity(gpu: Gpu): UNet {
  const network = new UNet(gpu, Rng.seed(0), IDENTITY_CONFIG);
  network.loadStateDict(identityWeights(0.25));
  return network;
}

async function run(options: Partial<SlidingWindowOptions> = {}, input = noise()) {
  const gpu = await testGpu();
  const network = identity(gpu);
  try {
    return await slidingWindow(gpu, network, input, {
      patchSize: [4, 4, 4],
      patchOverlap: 0.5,
      aggregationMode: 'hann',
      ...options,
    });
  } finally {
    network.dispose();
  }
}

describe('slidingWindow', () => {
  it.each(['hann', 'gaussian', 'average', 'crop'] as const)(
    'of a voxel-wise network gives each voxel its own probability, up to the corners (%s)',
    async (aggregationMode) => {
      const { data, shape } = await run({ aggregationMode });
      expect(shape).toEqual([2, 11, 9, 7]);
      const input = noise().data;
      const foreground = Array.from(input, (x) => 1 / (1 + Math.exp(-2 * (x - 0.25))));
      const expected = [...foreground.map((p) => 1 - p), ...foreground];
      expectClose(data, expected, { rtol: 0, atol: 1e-5, shape });
    },
  );

  it('does not depend on the number of patches per pass', async () => {
    const one = await run({ swBatchSize: 1 });
    const many = await run({ swBatchSize: 7 });
    expect(many.data).toEqual(one.data);
  });

  it('with mirrored views of a voxel-wise network gives the same result', async () => {
    const plain = await run();
    const options = { tta: true, swBatchSize: 7 };
    expectClose((await run(options)).data, plain.data, { rtol: 0, atol: 1e-6, shape: plain.shape });
  });

  it.each([1, 2])(
    'with mirrored views is the mean of mirrored runs, mirrored back (%i output channels)',
    async (outChannels) => {
      const gpu = await testGpu();
      const network = toyNetwork(gpu, { outChannels });
      // Patches at 0, 4 and 8: the grid is its own mirror image.
      const shape = [1, 16, 8, 16] as const;
      const input = volume(randomArray(shape, 8), shape, identityAffine());
      const segment = (from: Volume, options: Partial<SlidingWindowOptions> = {}) =>
        slidingWindow(gpu, network, from, {
          patchSize: [8, 8, 8],
          patchOverlap: 4,
          aggregationMode: 'gaussian',
          ...options,
        });
      const mirrored = (v: Volume, axes: readonly number[]): Volume => ({
        ...v,
        data: reverseAxes(v.data, v.shape, axes),
      });
      const runs: Volume[] = [];
      for (const axes of [[], [0], [2], [0, 2]]) {
        runs.push(mirrored(await segment(mirrored(input, axes)), axes));
      }
      const mean = runs[0]!.data.map((_, n) => runs.reduce((sum, v) => sum + v.data[n]!, 0) / 4);
      const seen: number[] = [];
      const result = await segment(input, {
        tta: ['IS', 'LR'],
        swBatchSize: 2,
        onProgress: (done, total) => seen.push(done / total),
      });
      expectClose(result.data, mean, { rtol: 0, atol: 1e-6, shape: result.shape });
      expect(result.data).not.toEqual(runs[0]!.data);
      // 9 patches in batches of 2, 4 views of each.
      expect(seen.length).toBe(5 * 4);
      expect(seen.at(-1)).toBe(1);
      network.dispose();
    },
  );

  it('over one patch is the network itself', async () => {
    const gpu = await testGpu();
    const network = toyNetwork(gpu, { outChannels: 1 });
    const input = volume(randomArray([1, 8, 8, 8], 6), [1, 8, 8, 8], identityAffine());
    const options = { patchSize: [8, 8, 8], patchOverlap: 0, aggregationMode: 'average' } as const;
    const { data } = await slidingWindow(gpu, network, input, options);
    using tape = new Tape(gpu, { recording: false });
    const x = new Variable(tape.upload(randomArray([1, 8, 8, 8], 6), [1, 1, 8, 8, 8]));
    const logits = await gpu.read(network.forward(tape, x).value);
    // One channel: a sigmoid instead of the softmax.
    expectClose(
      data,
      Array.from(logits, (logit) => 1 / (1 + Math.exp(-logit))),
      { rtol: 1e-6 },
    );
    network.dispose();
  });

  it('reports progress to the last patch', async () => {
    const seen: [number, number][] = [];
    await run({ swBatchSize: 50, onProgress: (...progress) => seen.push(progress) });
    const total = seen[0]![1];
    expect(total).toBe(5 * 4 * 3);
    expect(seen).toEqual([
      [50, total],
      [60, total],
    ]);
  });

  it('stops when it is aborted, and leaves no GPU memory in use', async () => {
    const gpu = await testGpu();
    const before = gpu.pool.bytesInUse;
    const stop = new AbortController();
    let batches = 0;
    const running = run({
      signal: stop.signal,
      onProgress: () => {
        if (++batches === 3) stop.abort(new Error('closed the page'));
      },
    });
    await expect(running).rejects.toThrow('closed the page');
    expect(batches).toBeLessThan(6);
    expect(gpu.pool.bytesInUse).toBe(before);
  });

  it('ends at an abort without the patch that the GPU is at', async () => {
    const gpu = await openGpu();
    const network = identity(gpu);
    const stop = new AbortController();
    const reason = new Error('closed the page');
    const { sync } = gpu;
    let patches = 0;
    // The third patch never ends.
    gpu.sync = () => {
      if (++patches < 3) return sync.call(gpu);
      setTimeout(() => stop.abort(reason), 20);
      return new Promise(() => undefined);
    };
    const window = { patchSize: [4, 4, 4], patchOverlap: 0, aggregationMode: 'average' } as const;
    const running = slidingWindow(gpu, network, noise(), { ...window, signal: stop.signal });
    await expect(running).rejects.toBe(reason);
    gpu.sync = sync;
    network.dispose();
    await gpu.sync();
    expect(gpu.pool.bytesInUse).toBe(0);
    gpu.destroy();
  });

  it('refuses a result that is not finite', async () => {
    const damaged = noise();
    damaged.data[100] = Number.NaN;
    await expect(run({}, damaged)).rejects.toThrow(GpuError);
    await expect(run({}, damaged)).rejects.toThrow('not finite');
  });

  it('refuses a volume smaller than the patch', async () => {
    await expect(run({ patchSize: [4, 4, 8] })).rejects.toThrow(ShapeError);
  });

  it('of a volume larger than a binding is what it is of any other', async () => {
    const shape = [1, 64, 24, 24] as const;
    const input = volume(randomArray(shape, 9), shape, identityAffine());
    const options = {
      patchSize: [8, 8, 8],
      patchOverlap: 2,
      aggregationMode: 'hann',
    } as const;
    const segment = async (gpu: Gpu) => {
      const network = toyNetwork(gpu, { outChannels: 3, numResUnits: 0 });
      const labels = await slidingWindowLabels(gpu, network, input, options);
      const probabilities = await slidingWindow(gpu, network, input, options);
      network.dispose();
      return { labels: labels.data, probabilities: probabilities.data };
    };
    // Three rows of sums at a time, of 64; labels take 36 kB as bytes, probabilities 442 kB.
    const limit = 32_768;
    const limited = await limitedGpu({ maxStorageBufferBindingSize: limit, maxBufferSize: limit });
    const found = await segment(limited);
    limited.destroy();
    const expected = await segment(await testGpu());
    expect(found.labels).toEqual(expected.labels);
    expect(found.probabilities).toEqual(expected.probabilities);
    expect(new Set(found.labels).size).toBe(3);
  });

  it('says which kernel takes too long in one piece, once', async () => {
    const gpu = await openGpu();
    const network = toyNetwork(gpu);
    Object.defineProperty(gpu, 'longestDispatch', {
      value: { name: 'conv3d_forward', milliseconds: 3100 },
    });
    const warnings: string[] = [];
    await slidingWindow(
      gpu,
      network,
      volume(new Float32Array(16 ** 3), [1, 16, 16, 16], identityAffine()),
      {
        patchSize: [8, 8, 8],
        patchOverlap: 0,
        aggregationMode: 'average',
        onWarning: (text) => warnings.push(text),
      },
    );
    expect(warnings).toEqual([
      expect.stringMatching(/conv3d_forward\.wgsl takes about 3\.1 s.*\[8,8,8\].*smaller patches/),
    ]);
    network.dispose();
    gpu.destroy();
  });
});
