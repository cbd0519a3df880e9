import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { FormatError, WorkerError } from '../../src/errors.ts';
import { type PoolTaskOptions, WorkerPool } from '../../src/node/worker_pool.ts';
import { ThreadDeath } from '../../src/node/worker_thread.ts';
import { inTemporaryFolder } from '../helpers/cli.ts';

interface Task {
  readonly n: number;
  readonly do?: 'exit' | 'hang' | 'wrong' | 'slow';
}

/** Answers n with n squared and its thread, or comes to grief. */
const WORKER = `
import { parentPort, threadId } from 'node:worker_threads';
parentPort.on('message', async (task) => {
  if (task.do === 'exit') process.exit(3);
  if (task.do === 'hang') return;
  if (task.do === 'wrong') {
    return parentPort.postMessage({ error: { name: 'FormatError', message: 'bad ' + task.n } });
  }
  if (task.do === 'slow') await new Promise((resolve) => setTimeout(resolve, 50));
  parentPort.postMessage({ result: { square: task.n ** 2, thread: threadId } });
});
parentPort.postMessage('ready');
`;

interface Result {
  readonly square: number;
  readonly thread: number;
}

async function withPool(
  size: number,
  use: (run: (task: Task, options?: PoolTaskOptions) => Promise<Result>) => Promise<void>,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, 'worker.mjs');
    await writeFile(path, WORKER);
    const pool = new WorkerPool<Task, Result>(pathToFileURL(path), size);
    try {
      await use((task, options) => pool.run(task, options));
    } finally {
      await pool.close();
    }
  });
}

describe('WorkerPool', () => {
  test('works on as many tasks at once as it has threads, the others wait', async () => {
    await withPool(2, async (run) => {
      const tasks = Array.from({ length: 9 }, (_, n) => run({ n, do: 'slow' }));
      const results = await Promise.all(tasks);
      expect(results.map(({ square }) => square)).toEqual(results.map((_, n) => n ** 2));
      expect(new Set(results.map(({ thread }) => thread)).size).toBe(2);
    });
  });

  test('an error of the function comes back as what it was, and the thread lives on', async () => {
    await withPool(1, async (run) => {
      const { thread } = await run({ n: 1 });
      const failure = run({ n: 2, do: 'wrong' });
      await expect(failure).rejects.toThrow(FormatError);
      await expect(failure).rejects.toThrow('bad 2');
      expect((await run({ n: 3 })).thread).toBe(thread);
    });
  });

  test('a thread that ends costs its own task, and is replaced', async () => {
    await withPool(1, async (run) => {
      await expect(run({ n: 1, do: 'exit' })).rejects.toThrow(ThreadDeath);
      await expect(run({ n: 1, do: 'exit' })).rejects.toThrow('ended with code 3');
      expect((await run({ n: 2 })).square).toBe(4);
    });
  });

  test('a task that takes too long is given up with its thread', async () => {
    await withPool(1, async (run) => {
      await expect(run({ n: 1, do: 'hang' }, { seconds: 0.3 })).rejects.toThrow(
        'no answer after 0.3 seconds',
      );
      expect((await run({ n: 5 })).square).toBe(25);
    });
  });

  test('an abort is answered at once, for tasks in work and tasks that wait', async () => {
    await withPool(1, async (run) => {
      const controller = new AbortController();
      const reason = new Error('enough');
      const calls = [run({ n: 1, do: 'hang' }, controller), run({ n: 2 }, controller)];
      const outcomes = Promise.allSettled(calls);
      setTimeout(() => controller.abort(reason), 100);
      expect(await outcomes).toEqual(calls.map(() => ({ status: 'rejected', reason })));
      await expect(run({ n: 3 }, controller)).rejects.toBe(reason);
    });
  });

  test('a closed pool refuses tasks, also those that it has', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'worker.mjs');
      await writeFile(path, WORKER);
      const pool = new WorkerPool<Task, Result>(pathToFileURL(path), 1);
      await pool.run({ n: 1 });
      const calls = [pool.run({ n: 1, do: 'hang' }), pool.run({ n: 2 })];
      const outcomes = Promise.allSettled(calls);
      await pool.close();
      for (const outcome of await outcomes) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(WorkerError) });
      }
      await expect(pool.run({ n: 3 })).rejects.toThrow('the pool is closed');
    });
  });
});
