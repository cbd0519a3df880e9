import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { WorkerError } from '../../src/errors.ts';
import { mapInWorkers } from '../../src/node/worker_map.ts';
import { inTemporaryFolder } from '../helpers/cli.ts';

interface Task {
  readonly n: number;
  readonly do?: 'throw' | 'exit' | 'reject' | 'hang' | 'late';
}

/** Answers n with n squared and its thread, or comes to grief. */
const WORKER = `
import { parentPort, threadId } from 'node:worker_threads';
parentPort.on('message', async (task) => {
  if (task.do === 'throw') throw new Error('broken by ' + task.n);
  if (task.do === 'exit') process.exit(7);
  if (task.do === 'reject') await Promise.reject(new Error('rejected by ' + task.n));
  if (task.do === 'hang') return;
  if (task.do === 'late') setTimeout(() => { throw new Error('too late'); }, 20);
  parentPort.postMessage({ result: { square: task.n ** 2, thread: threadId } });
});
parentPort.postMessage('ready');
`;

interface Answer {
  readonly square?: number;
  readonly thread?: number;
  readonly error?: string;
}

async function run(
  tasks: readonly Task[],
  options: { workers?: number; signal?: AbortSignal; onResult?: () => void } = {},
): Promise<Answer[]> {
  return inTemporaryFolder(async (folder) => {
    const path = join(folder, 'worker.mjs');
    await writeFile(path, WORKER);
    return mapInWorkers<Task, Answer>(pathToFileURL(path), tasks, {
      workers: 2,
      onCrash: (task, error) => ({ error: `${task.n}: ${error.message}` }),
      ...options,
    });
  });
}

describe('mapInWorkers', () => {
  test('answers come in the order of the tasks, from as many threads as asked for', async () => {
    const answers = await run(Array.from({ length: 20 }, (_, n) => ({ n })));
    expect(answers.map(({ square }) => square)).toEqual(answers.map((_, n) => n ** 2));
    expect(new Set(answers.map(({ thread }) => thread)).size).toBeLessThanOrEqual(2);
    expect(await run([])).toEqual([]);
  });

  test.each([
    ['throw', '1: broken by 1'],
    ['reject', '1: rejected by 1'],
    ['exit', '1: the worker thread ended with code 7'],
  ] as const)('a thread that dies (%s) costs its own task alone', async (how, error) => {
    for (const workers of [1, 2]) {
      const answers = await run([{ n: 0 }, { n: 1, do: how }, { n: 2 }, { n: 3 }], { workers });
      expect(answers[1]).toEqual({ error });
      expect([0, 2, 3].map((n) => answers[n]?.square)).toEqual([0, 4, 9]);
    }
  });

  test('a thread that dies late takes the task that it has then, and no other', async () => {
    const tasks: Task[] = [{ n: 1, do: 'late' }, { n: 2, do: 'hang' }, { n: 3 }];
    const answers = await run(tasks, { workers: 1 });
    expect(answers.map(({ square, error }) => square ?? error)).toEqual([1, '2: too late', 9]);
  });

  test('an aborted call rejects at once with the reason, though a thread hangs', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => controller.abort(reason), 200);
    const tasks: Task[] = [{ n: 0, do: 'hang' }, { n: 1, do: 'hang' }, { n: 2 }];
    await expect(run(tasks, { signal: controller.signal })).rejects.toBe(reason);
    await expect(run([{ n: 0 }], { signal: controller.signal })).rejects.toBe(reason);
  });

  test('an error of the caller ends it', async () => {
    const onResult = (): never => {
      throw new Error('mine');
    };
    await expect(run([{ n: 0 }, { n: 1 }, { n: 2 }], { onResult })).rejects.toThrow('mine');
  });

  test('threads that cannot start end it with a clear error instead of an answer per task', async () => {
    await inTemporaryFolder(async (folder) => {
      const missing = pathToFileURL(join(folder, 'missing.mjs'));
      const broken = join(folder, 'broken.mjs');
      await writeFile(broken, `import 'no-such-package';`);
      for (const [entry, why] of [
        [missing, /does not start.*missing\.mjs: there is no such file.*numWorkers/],
        [pathToFileURL(broken), /does not start.*no-such-package/],
      ] as const) {
        const onCrash = () => 'crashed';
        const call = mapInWorkers<number, string>(entry, [1, 2, 3], { workers: 2, onCrash });
        await expect(call).rejects.toThrow(WorkerError);
        await expect(
          mapInWorkers<number, string>(entry, [1], { workers: 1, onCrash }),
        ).rejects.toThrow(why);
      }
    });
  });
});
