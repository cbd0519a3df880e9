import { describe, expect, test } from 'vitest';
import { VoxgradWorker } from '../../src/browser/worker_client.ts';
import { ConfigError, FormatError, GpuError, WorkerError } from '../../src/errors.ts';
import { fromSpacing } from '../../src/io/affine.ts';
import { writeNifti } from '../../src/io/nifti.ts';
import { volume } from '../../src/io/volume.ts';
import { FakeWorker, voxgradWorker } from '../helpers/fake_worker.ts';
import { identityModelFile } from '../helpers/identity_model.ts';

/** Many patches of 8³. */
function largeScan(size = 40): Blob {
  const data = Float32Array.from({ length: size ** 3 }, (_, n) => Math.sin(n));
  const scan = volume(data, [1, size, size, size], fromSpacing([1, 1, 1], [0, 0, 0]));
  return new Blob([writeNifti(scan, { gzip: false }) as Uint8Array<ArrayBuffer>]);
}

const smallScan = (): Blob => largeScan(9);

async function openWithModel(): Promise<{ engine: VoxgradWorker; worker: FakeWorker }> {
  const worker = voxgradWorker();
  const engine = await VoxgradWorker.open(worker);
  await engine.loadModel(identityModelFile());
  return { engine, worker };
}

describe('opening', () => {
  test('tells the adapter, its features and its limits', async () => {
    using engine = await VoxgradWorker.open(voxgradWorker());
    expect(engine.adapter.name).not.toBe('');
    expect(engine.adapter.features).toContain('timestamp-query');
    expect(engine.adapter.limits.maxStorageBufferBindingSize).toBeGreaterThan(2 ** 26);
  });

  test('fails with the reason in words where the worker has no WebGPU, and ends the worker', async () => {
    const openGpu = () => Promise.reject(new GpuError('openGpu: this browser has no WebGPU.'));
    const worker = voxgradWorker({ openGpu });
    const failure = await VoxgradWorker.open(worker).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(GpuError);
    expect((failure as Error).message).toBe('openGpu: this browser has no WebGPU.');
    expect(worker.isTerminated).toBe(true);
  });

  test('fails where the script does not load', async () => {
    const worker = new FakeWorker(() => {});
    const opening = VoxgradWorker.open(worker);
    worker.crash('');
    await expect(opening).rejects.toThrow(WorkerError);
    await expect(opening).rejects.toThrow('its script did not load');
  });

  test('gives up a worker that runs something else', async () => {
    const worker = new FakeWorker(() => {});
    await expect(VoxgradWorker.open(worker, { startSeconds: 0.05 })).rejects.toThrow(
      "Start it from the package's entry 'voxgrad/worker'",
    );
    expect(worker.isTerminated).toBe(true);
  });

  test('stops waiting when its signal is aborted', async () => {
    const controller = new AbortController();
    const opening = VoxgradWorker.open(new FakeWorker(() => {}), { signal: controller.signal });
    const reason = new Error('changed my mind');
    controller.abort(reason);
    await expect(opening).rejects.toBe(reason);
  });
});

describe('jobs', () => {
  test('tell their progress in order up to the end, and then give the result', async () => {
    const { engine } = await openWithModel();
    using _ = engine;
    const job = engine.segment(smallScan(), { name: 'scan.nii.gz' });
    const stages: string[] = [];
    let last: unknown;
    for await (const progress of job) {
      if (stages.at(-1) !== progress.stage) stages.push(progress.stage);
      expect(progress.done).toBeLessThanOrEqual(progress.total);
      last = progress;
    }
    expect(stages).toEqual(['reading', 'preparing', 'compiling', 'predicting', 'writing']);
    expect(last).toEqual({ stage: 'writing', done: 1, total: 1 });
    expect((await job.result).fileName).toBe('scan_pred.nii.gz');
  });

  test('run one after another in the order of their calls', async () => {
    const { engine } = await openWithModel();
    using _ = engine;
    const ended: string[] = [];
    const jobs = ['a', 'b', 'c'].map((name) =>
      engine.segment(smallScan(), { name }).result.then(() => ended.push(name)),
    );
    await Promise.all(jobs);
    expect(ended).toEqual(['a', 'b', 'c']);
  });

  test('end at an abort with its reason, and free the worker long before they were through', async () => {
    const { engine } = await openWithModel();
    using _ = engine;
    const controller = new AbortController();
    const job = engine.segment(largeScan(), { name: 'large', signal: controller.signal });
    let total = 0;
    const reason = new Error('cancelled by the user');
    for await (const progress of job) {
      if (progress.stage !== 'predicting' || progress.done === 0) continue;
      total = progress.total;
      controller.abort(reason);
    }
    await expect(job.result).rejects.toBe(reason);
    expect(total).toBeGreaterThan(100);
    const next = await engine.segment(smallScan(), { name: 'next' }).result;
    expect(next.fileName).toBe('next_pred.nii.gz');
  });

  test('an abort while a job waits leaves the one under way alone', async () => {
    const { engine } = await openWithModel();
    using _ = engine;
    const controller = new AbortController();
    const first = engine.segment(smallScan(), { name: 'first' });
    const second = engine.segment(smallScan(), { name: 'second', signal: controller.signal });
    controller.abort();
    await expect(second.result).rejects.toThrow(/abort/);
    expect((await first.result).fileName).toBe('first_pred.nii.gz');
  });

  test('a signal that was aborted before fails the job at once', async () => {
    const { engine } = await openWithModel();
    using _ = engine;
    const signal = AbortSignal.abort(new Error('too late'));
    const job = engine.segment(smallScan(), { name: 'scan', signal });
    await expect(job.result).rejects.toThrow('too late');
    for await (const progress of job) throw new Error(`progress of nothing: ${progress.stage}`);
  });

  test('errors arrive with their class and message', async () => {
    const worker = voxgradWorker();
    using engine = await VoxgradWorker.open(worker);
    const early = engine.segment(smallScan(), { name: 'early' });
    await expect(early.result).rejects.toThrow(ConfigError);
    await expect(early.result).rejects.toThrow('Load a model file first');
    const broken = engine.loadModel(new Blob(['not a model']));
    await expect(broken).rejects.toThrow(FormatError);
  });

  test('a worker that dies fails all that is under way and all that comes later, in words', async () => {
    const { engine, worker } = await openWithModel();
    const job = engine.segment(largeScan(), { name: 'large' });
    worker.crash('RangeError: Array buffer allocation failed');
    await expect(job.result).rejects.toThrow(
      'the worker has died. Reason: RangeError: Array buffer allocation failed',
    );
    await expect(engine.segment(smallScan(), { name: 'late' }).result).rejects.toThrow(WorkerError);
    expect(worker.isTerminated).toBe(true);
  });

  test('`using` ends the worker, and what was under way fails', async () => {
    const { engine, worker } = await openWithModel();
    let job: Promise<unknown>;
    {
      using owned = engine;
      job = owned.segment(largeScan(), { name: 'large' }).result;
    }
    expect(worker.isTerminated).toBe(true);
    await expect(job).rejects.toThrow('the worker is closed');
  });
});
