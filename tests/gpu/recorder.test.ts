import { describe, expect, test, vi } from 'vitest';
import { DeviceLostError, GpuError } from '../../src/errors.ts';
import { type Recorded, Recorder } from '../../src/gpu/recorder.ts';
import { SubmissionBudget } from '../../src/gpu/submission_budget.ts';

/** A device that only counts dispatches per submission; work is done when `finish` is called. */
function fakeDevice() {
  const submitted: number[] = [];
  const waiting: (() => void)[] = [];
  const device = {
    lost: new Promise(() => undefined),
    pushErrorScope: () => undefined,
    popErrorScope: async () => null,
    createCommandEncoder: () => {
      let dispatches = 0;
      return {
        beginComputePass: () => ({
          setPipeline: () => undefined,
          setBindGroup: () => undefined,
          dispatchWorkgroups: () => void dispatches++,
          end: () => undefined,
        }),
        finish: () => dispatches,
      };
    },
    queue: {
      submit: ([dispatches]: number[]) => void submitted.push(dispatches!),
      onSubmittedWorkDone: () => new Promise<void>((resolve) => void waiting.push(resolve)),
    },
  } as unknown as GPUDevice;
  const finish = async (): Promise<void> => {
    for (const resolve of waiting.splice(0)) resolve();
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { device, submitted, waiting, finish };
}

const dispatch = (flops: number): Recorded => ({
  name: 'x',
  pipeline: {} as GPUComputePipeline,
  bindGroup: {} as GPUBindGroup,
  paramsOffset: 0,
  grid: [1, 1],
  flops,
  bytes: 0,
});

describe('Recorder', () => {
  test('collects dispatches, and submits them in few submissions', () => {
    const { device, submitted, waiting } = fakeDevice();
    const afterSubmit = vi.fn();
    const recorder = new Recorder(device, afterSubmit);
    for (let n = 0; n < 150; n++) recorder.add(dispatch(1e12));
    recorder.submit();
    recorder.submit();
    expect(submitted).toEqual([64, 64, 22]);
    expect(afterSubmit).toHaveBeenCalledTimes(3);
    expect(waiting).toEqual([]);
  });

  test('with a budget ends a submission before a dispatch that would not fit', () => {
    const { device, submitted } = fakeDevice();
    const recorder = new Recorder(device, () => undefined, new SubmissionBudget(() => 0));
    // The first guess is 25 GFLOP/s: 100 ms, 100 ms, 100 ms, 400 ms, 0 ms.
    for (const flops of [2.5e9, 2.5e9, 2.5e9, 1e10, 1]) recorder.add(dispatch(flops));
    recorder.submit();
    expect(submitted).toEqual([2, 1, 1, 1]);
  });

  test('learns from finished submissions without waiting for them', async () => {
    const { device, submitted, finish } = fakeDevice();
    let now = 0;
    const recorder = new Recorder(device, () => undefined, new SubmissionBudget(() => now));
    for (let n = 0; n < 12; n++) {
      for (let d = 0; d < 4; d++) recorder.add(dispatch(2.5e9));
      recorder.submit();
      // 1 ms for 10 GFLOP.
      now += 1;
      await finish();
    }
    expect(submitted.slice(0, 2)).toEqual([2, 2]);
    expect(submitted.slice(-2)).toEqual([4, 4]);
  });

  test('goes on when the device is lost while it works', async () => {
    const { device } = fakeDevice();
    device.queue.onSubmittedWorkDone = () => Promise.reject(new Error('lost'));
    const recorder = new Recorder(device, () => undefined, new SubmissionBudget());
    recorder.add(dispatch(1));
    recorder.submit();
    await expect(recorder.check()).resolves.toBeUndefined();
  });

  test('throws what caused a loss rather than the loss, and the loss rather than what followed', async () => {
    const { device } = fakeDevice();
    let lose: (info: GPUDeviceLostInfo) => void = () => undefined;
    const lost = new Promise<GPUDeviceLostInfo>((resolve) => {
      lose = resolve;
    });
    device.popErrorScope = () => Promise.reject(new Error('no such device'));
    const recorder = new Recorder(Object.assign(device, { lost }), () => undefined);
    recorder.add(dispatch(1));
    recorder.submit();
    const checked = recorder.check();
    setTimeout(() => lose({ reason: 'unknown', message: 'driver reset' } as GPUDeviceLostInfo), 50);
    await expect(checked).rejects.toThrow(DeviceLostError);
    await expect(recorder.check()).rejects.toThrow('Reason: unknown, driver reset. Open');
    recorder.fail(new GpuError('out of memory'));
    await expect(recorder.check()).rejects.toThrow('out of memory');
  });

  test('reports a question that the device refuses without being lost', async () => {
    const { device } = fakeDevice();
    device.popErrorScope = () => Promise.reject(new Error('no such scope'));
    const recorder = new Recorder(device, () => undefined);
    recorder.add(dispatch(1));
    recorder.submit();
    await expect(recorder.check()).rejects.toThrow('no such scope');
  });
});
