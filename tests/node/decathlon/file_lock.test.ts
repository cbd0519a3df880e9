import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { withFileLock } from '../../../src/node/decathlon/file_lock.ts';
import { inTemporaryFolder } from '../../helpers/cli.ts';

const inLock = (use: (path: string) => Promise<void>): Promise<void> =>
  inTemporaryFolder((folder) => use(join(folder, '.lock')));

/** No process has it: Linux' highest is 2^22. */
const DEAD = 2 ** 30;
const lockOf = (holder: object): string => JSON.stringify({ token: 'x', ...holder });

describe('withFileLock', () => {
  test('lets one in at a time, and tells the others whom they wait for', () =>
    inLock(async (path) => {
      let inside = 0;
      let most = 0;
      const waits: string[] = [];
      const work = async (): Promise<void> => {
        most = Math.max(most, ++inside);
        await sleep(30);
        inside--;
      };
      const options = { beatMs: 5, onWait: (holder: string) => waits.push(holder) };
      await Promise.all(Array.from({ length: 5 }, () => withFileLock(path, work, options)));
      expect(most).toBe(1);
      expect(waits).toContain(`process ${process.pid} on ${hostname()}`);
      expect(existsSync(path)).toBe(false);
    }));

  test('is open again after an error', () =>
    inLock(async (path) => {
      const broken = withFileLock(path, async () => {
        throw new Error('mine');
      });
      await expect(broken).rejects.toThrow('mine');
      expect(await withFileLock(path, async () => 'in')).toBe('in');
    }));

  test('a process that died on this machine holds nothing', () =>
    inLock(async (path) => {
      await writeFile(path, lockOf({ pid: DEAD, host: hostname() }));
      expect(await withFileLock(path, async () => 'in', { beatMs: 600_000 })).toBe('in');
    }));

  test.each([
    ['on another machine', lockOf({ pid: 1, host: 'elsewhere' })],
    ['that wrote nothing', ''],
  ])('a process %s is given some time to show that it lives', (_, text) =>
    inLock(async (path) => {
      await writeFile(path, text);
      const waits: string[] = [];
      const started = performance.now();
      await withFileLock(path, async () => {}, { beatMs: 10, onWait: (h) => waits.push(h) });
      expect(performance.now() - started).toBeGreaterThan(90);
      expect(waits).toHaveLength(1);
    }),
  );

  test('waiting ends with an abort, and a folder that cannot be written with an error', () =>
    inLock(async (path) => {
      await writeFile(path, lockOf({ pid: process.pid, host: hostname() }));
      const controller = new AbortController();
      const reason = new Error('enough');
      const waiting = withFileLock(path, async () => {}, {
        signal: controller.signal,
        onWait: () => controller.abort(reason),
      });
      await expect(waiting).rejects.toBe(reason);
      expect(existsSync(path)).toBe(true);
      const nowhere = withFileLock(join(path, 'x'), async () => {});
      await expect(nowhere).rejects.toThrow(/withFileLock: .* cannot be written/);
    }));
});
