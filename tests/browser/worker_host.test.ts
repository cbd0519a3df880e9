import { expect, test } from 'vitest';
import type { PageMessage, WorkerMessage } from '../../src/browser/protocol.ts';
import { WorkerLink } from '../../src/browser/worker_link.ts';
import { ConfigError, WorkerError } from '../../src/errors.ts';
import type { Gpu } from '../../src/gpu/device.ts';
import { FakeWorker, voxgradWorker } from '../helpers/fake_worker.ts';
import { testGpu } from '../helpers/gpu.ts';

/** Sends messages as they are, and collects the first answers to these ids. */
async function talk(messages: readonly PageMessage[], answers: number): Promise<WorkerMessage[]> {
  const worker = voxgradWorker();
  const received: WorkerMessage[] = [];
  const all = new Promise<void>((resolve) => {
    worker.addEventListener('message', (event) => {
      received.push((event as MessageEvent<WorkerMessage>).data);
      if (received.length === answers) resolve();
    });
  });
  for (const message of messages) worker.postMessage(message);
  await all;
  worker.terminate();
  return received;
}

test('a cancelled task that waits is answered without being begun', async () => {
  const answers = await talk(
    [
      { type: 'request', id: 1, task: 'open', payload: null },
      { type: 'request', id: 2, task: 'loadModel', payload: { file: new Uint8Array(3) } },
      { type: 'cancel', id: 2 },
      { type: 'cancel', id: 99 },
    ],
    2,
  );
  expect(answers[0]).toMatchObject({ type: 'result', id: 1 });
  expect(answers[1]).toMatchObject({ type: 'error', id: 2, error: { name: 'AbortError' } });
});

test('a question to a job that is over, or that does not know it, is answered in words', async () => {
  const worker = voxgradWorker();
  const link = new WorkerLink(worker);
  const job = link.request('open', null);
  await job.result;
  const answer = link.ask(job.id, 'pause');
  await expect(answer).rejects.toThrow(ConfigError);
  await expect(answer).rejects.toThrow("Asked 'pause' of a job that has ended");
  link.close(new Error('end of the test'));
});

test('a task of another version is refused', async () => {
  const [answer] = await talk(
    [{ type: 'request', id: 1, task: 'fold' as never, payload: null }],
    1,
  );
  expect(answer).toMatchObject({ type: 'error', error: { name: 'WorkerError' } });
  expect((answer as { error: Error }).error.message).toContain('of different versions');
});

test('a lack of memory is told in words', async () => {
  const openGpu = async (): Promise<Gpu> => {
    void new ArrayBuffer(2 ** 53);
    return testGpu();
  };
  const link = new WorkerLink(voxgradWorker({ openGpu }));
  const answer = link.request('open', null).result;
  await expect(answer).rejects.toThrow(WorkerError);
  await expect(answer).rejects.toThrow('the browser gives no memory for this');
  link.close(new Error('end of the test'));
});

test('what cannot be sent to the worker fails its job, and the next one works', async () => {
  const link = new WorkerLink(voxgradWorker());
  const settings = { name: 'scan', onProgress: () => undefined };
  const job = link.request('segment', { scan: new Blob([]), settings });
  await expect(job.result).rejects.toThrow('the request cannot be sent to the worker');
  expect((await link.request('open', null).result).name).not.toBe('');
  link.close(new Error('end of the test'));
});

test('a message that cannot be read counts as the death of the worker', async () => {
  const worker = new FakeWorker(() => {});
  const link = new WorkerLink(worker);
  const job = link.request('open', null);
  worker.dispatchEvent(new Event('messageerror'));
  await expect(job.result).rejects.toThrow('a message could not be read');
});
