import { expect, test } from 'vitest';
import { GpuKeeper } from '../../src/browser/gpu_keeper.ts';
import { GpuError } from '../../src/errors.ts';
import type { Gpu } from '../../src/gpu/device.ts';

interface Device {
  readonly gpu: Gpu;
  lose(message: string): Promise<void>;
}

/** What the keeper needs of a GPU; a real one cannot be lost at will. */
function device(): Device {
  let settle: ((info: { reason: string; message: string }) => void) | undefined;
  const lost = new Promise<{ reason: string; message: string }>((resolve) => {
    settle = resolve;
  });
  const destroy = () => settle!({ reason: 'destroyed', message: '' });
  return {
    gpu: { device: { lost }, destroy } as unknown as Gpu,
    lose: async (message) => {
      settle!({ reason: 'unknown', message });
      await lost;
    },
  };
}

test('gives the same device as long as it lives, and opens it once for callers at the same time', async () => {
  const { gpu } = device();
  let opened = 0;
  const keeper: GpuKeeper = new GpuKeeper(async () => {
    opened++;
    return gpu;
  });
  const [a, b] = await Promise.all([keeper.get(), keeper.get()]);
  expect([a, b, await keeper.get()]).toEqual([gpu, gpu, gpu]);
  expect(opened).toBe(1);
});

test('gives a new device after a loss', async () => {
  const devices = [device(), device()];
  const waiting = [...devices];
  const keeper = new GpuKeeper(async () => waiting.shift()!.gpu);
  expect(await keeper.get()).toBe(devices[0]!.gpu);
  await devices[0]!.lose('the driver was reset.');
  expect(keeper.losses).toBe(1);
  expect(await keeper.get()).toBe(devices[1]!.gpu);
});

test('asks again while the browser has no adapter after a loss, but not before one', async () => {
  const [first, second] = [device(), device()];
  let refusals = 1;
  const noAdapter = new GpuError('openGpu: no adapter.');
  const keeper: GpuKeeper = new GpuKeeper(async () => {
    if (refusals-- > 0) throw noAdapter;
    return keeper.losses === 0 ? first.gpu : second.gpu;
  });
  await expect(keeper.get()).rejects.toBe(noAdapter);
  expect(await keeper.get()).toBe(first.gpu);
  refusals = 2;
  await first.lose('gone.');
  expect(await keeper.get()).toBe(second.gpu);
});

test('gives up with the last refusal when no device comes back in time', async () => {
  const { gpu, lose } = device();
  let refuses = false;
  const keeper = new GpuKeeper(
    async () => {
      if (refuses) throw new GpuError('openGpu: no adapter.');
      return gpu;
    },
    { reopenSeconds: 0.1 },
  );
  await keeper.get();
  refuses = true;
  await lose('gone.');
  await expect(keeper.get()).rejects.toThrow('openGpu: no adapter.');
});

test('gives up after too many losses, and says what the last one was', async () => {
  const devices: Device[] = [];
  const keeper = new GpuKeeper(
    async () => {
      devices.push(device());
      return devices.at(-1)!.gpu;
    },
    { maxLosses: 1 },
  );
  await keeper.get();
  await devices[0]!.lose('first.');
  await keeper.get();
  await devices[1]!.lose('a hang of the GPU.');
  await expect(keeper.get()).rejects.toThrow(/2 times, last: a hang of the GPU\. Load the page/);
});

test('does not count losses of long ago', async () => {
  const devices: Device[] = [];
  const keeper = new GpuKeeper(
    async () => {
      devices.push(device());
      return devices.at(-1)!.gpu;
    },
    { maxLosses: 1, lossSeconds: 0 },
  );
  for (let n = 0; n < 4; n++) {
    await keeper.get();
    await devices[n]!.lose('asleep.');
  }
  expect(await keeper.get()).toBe(devices[4]!.gpu);
});

test('a device that was given back does not count as lost', async () => {
  const { gpu } = device();
  const keeper = new GpuKeeper(async () => gpu);
  await keeper.get();
  keeper.close();
  await gpu.device.lost;
  expect(keeper.losses).toBe(0);
});
