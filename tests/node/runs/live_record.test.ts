import { spawnSync } from 'node:child_process';
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LiveRecord, STEPS_FILE } from '../../../src/node/runs/live_record.ts';
import { readRunRecord } from '../../../src/node/runs/read_record.ts';
import { isAlive, readRunStatus, STATUS_FILE } from '../../../src/node/runs/run_status.ts';
import { RunStore } from '../../../src/node/runs/run_store.ts';
import { writeJsonFile } from '../../../src/node/whole_file.ts';
import { inTemporaryFolder } from '../../helpers/cli.ts';
import { recordedHistory, recordedStep, writeRecordedRun } from '../../helpers/recorded_run.ts';

const facts = {
  data: 'scans',
  classNames: ['background', 'ball'],
  parameters: 123,
  totalSteps: 20,
  resumed: false,
};

const flushed = () => new Promise((resolve) => setTimeout(resolve, 800));

describe('LiveRecord', () => {
  it('shows a run as running with its steps, and as finished at the end', () =>
    inTemporaryFolder(async (folder) => {
      const root = join(folder, 'a');
      await writeRecordedRun(root);
      await rm(join(root, 'history.json'));
      const store = new RunStore(folder);
      const live = await LiveRecord.start({ ...facts, root });
      for (const step of [0, 1, 2]) live.step(recordedStep(step));
      await flushed();
      expect((await store.list())[0]).toMatchObject({
        state: 'running',
        steps: 3,
        totalSteps: 20,
        parameters: 123,
      });
      await writeJsonFile(join(root, 'history.json'), recordedHistory({ totalSteps: 20 }));
      await live.end();
      expect((await store.list())[0]).toMatchObject({ state: 'finished', steps: 20 });
      await expect(readFile(join(root, STEPS_FILE))).rejects.toThrow('ENOENT');
    }));

  it('forgets the steps that the history holds, and no other', () =>
    inTemporaryFolder(async (folder) => {
      const root = join(folder, 'a');
      await writeRecordedRun(root, { totalSteps: 20, steps: 5 });
      const live = await LiveRecord.start({ ...facts, root });
      for (const step of [3, 4, 5, 6]) live.step(recordedStep(step));
      live.saved(5);
      live.step(recordedStep(7));
      await flushed();
      const lines = (await readFile(join(root, STEPS_FILE), 'utf8')).trimEnd().split('\n');
      expect(lines.map((line) => JSON.parse(line).step)).toEqual([5, 6, 7]);
      expect((await readRunRecord(root)).loss).toHaveLength(8);
      await live.end();
    }));

  it('keeps the reason of an early end, and the start over a resume', () =>
    inTemporaryFolder(async (folder) => {
      const root = join(folder, 'a');
      await writeRecordedRun(root, { totalSteps: 20, steps: 7 });
      const first = await LiveRecord.start({ ...facts, root });
      await first.end(new Error('stopped by Ctrl-C'));
      const store = new RunStore(folder);
      expect((await store.list())[0]).toMatchObject({
        state: 'interrupted',
        error: 'stopped by Ctrl-C',
      });
      const before = await readRunStatus(root);
      const second = await LiveRecord.start({ ...facts, root, resumed: true });
      const after = await readRunStatus(root);
      expect(after?.startedAt).toBe(before?.startedAt);
      expect(after?.error).toBeNull();
      await second.end();
    }));

  it('says once that it cannot write, and goes on', () =>
    inTemporaryFolder(async (folder) => {
      const root = join(folder, 'file');
      await writeFile(root, '');
      const warnings: string[] = [];
      const live = await LiveRecord.start({
        ...facts,
        root,
        onWarning: (message) => warnings.push(message),
      });
      live.step(recordedStep(0));
      await live.end();
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toContain('cannot be recorded');
    }));
});

describe('isAlive', () => {
  const status = async (root: string) => (await readRunStatus(root))!;

  it('knows a process that is gone, and one that fell silent', () =>
    inTemporaryFolder(async (root) => {
      const live = await LiveRecord.start({ ...facts, root });
      const running = await status(root);
      expect(isAlive(running)).toBe(true);
      expect(isAlive(running, Date.now() + 10 * 60_000)).toBe(false);
      const gone = spawnSync(process.execPath, ['-e', '']).pid;
      expect(isAlive({ ...running, pid: gone })).toBe(false);
      expect(isAlive({ ...running, pid: gone, host: 'another-machine' })).toBe(true);
      await live.end();
      expect(isAlive(await status(root))).toBe(false);
    }));

  it('a status that is no status counts as none', () =>
    inTemporaryFolder(async (root) => {
      await mkdir(root, { recursive: true });
      await writeFile(join(root, STATUS_FILE), '{"state": "running", "pid": -1}');
      expect(await readRunStatus(root)).toBeUndefined();
    }));
});

describe('readRunRecord', () => {
  it('lets the process at work replace steps that an interrupted one did', () =>
    inTemporaryFolder(async (root) => {
      await writeRecordedRun(root, { totalSteps: 20, steps: 8 });
      const again = [5, 6].map((step) => `${JSON.stringify({ ...recordedStep(step), loss: 9 })}\n`);
      await writeFile(join(root, STEPS_FILE), again.join(''));
      await appendFile(join(root, STEPS_FILE), '{"step": 7, "lo');
      const record = await readRunRecord(root);
      expect(record.loss).toHaveLength(7);
      expect(record.loss.slice(5)).toEqual([9, 9]);
      expect(record.isComplete).toBe(false);
    }));

  it('a training that was told to stop early is complete', () =>
    inTemporaryFolder(async (root) => {
      const history = recordedHistory({ totalSteps: 20, steps: 10 });
      await writeJsonFile(join(root, 'history.json'), { ...history, stopped: 'no progress' });
      expect((await readRunRecord(root)).isComplete).toBe(true);
      await writeJsonFile(join(root, 'history.json'), { ...history, complete: false });
      expect((await readRunRecord(root)).isComplete).toBe(false);
    }));

  it('keeps a loss that was no number as null', () =>
    inTemporaryFolder(async (root) => {
      const line = JSON.stringify({ ...recordedStep(0), loss: Number.NaN });
      await writeFile(join(root, STEPS_FILE), `${line}\n`);
      expect((await readRunRecord(root)).loss).toEqual([null]);
    }));
});
