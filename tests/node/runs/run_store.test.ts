import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RunStore } from '../../../src/node/runs/run_store.ts';
import { writeJsonFile } from '../../../src/node/whole_file.ts';
import { inTemporaryFolder } from '../../helpers/cli.ts';
import { damage, recordedHistory, writeRecordedRun } from '../../helpers/recorded_run.ts';

describe('RunStore', () => {
  it('sums a run up in a row', () =>
    inTemporaryFolder(async (folder) => {
      await writeRecordedRun(join(folder, 'a'), { totalSteps: 20 });
      const [run] = await new RunStore(folder).list();
      expect(run).toMatchObject({
        id: 'a',
        state: 'finished',
        steps: 20,
        totalSteps: 20,
        epochs: 4,
        patchSize: [32, 32, 16],
        spacing: [1, 1, 1.37],
        parameters: null,
        seconds: 50,
        evaluation: null,
        error: null,
      });
      expect(run?.bestDice).toBeCloseTo(1 - 0.5 * 0.8 ** 3);
      expect(run?.validLoss).toBeCloseTo(1.3 * 0.8 ** 3);
    }));

  it('a run that lacks steps and has no process is interrupted', () =>
    inTemporaryFolder(async (folder) => {
      await writeRecordedRun(join(folder, 'a'), { totalSteps: 20, steps: 7 });
      const [run] = await new RunStore(folder).list();
      expect(run).toMatchObject({ state: 'interrupted', steps: 7, epochs: 1 });
    }));

  it('a damaged file makes a row with an error, and leaves the others alone', () =>
    inTemporaryFolder(async (folder) => {
      for (const id of ['a', 'b', 'c', 'd', 'e']) await writeRecordedRun(join(folder, id));
      await damage(join(folder, 'b', 'history.json'));
      await writeFile(join(folder, 'c', 'config.json'), '{"patch": {"patchSize": "big"}}');
      await mkdir(join(folder, 'd', 'evaluation'));
      await writeFile(join(folder, 'd', 'evaluation', 'metrics.json'), '[]');
      await writeFile(join(folder, 'e', 'history.json'), '{"totalSteps": "many"}');
      const runs = await new RunStore(folder).list();
      expect(runs.map(({ state }) => state)).toEqual([
        'finished',
        'damaged',
        'damaged',
        'damaged',
        'damaged',
      ]);
      for (const { error, id } of runs.slice(1)) expect(error, id).toContain(join(folder, id));
    }));

  it('shows the means of a stored evaluation', () =>
    inTemporaryFolder(async (folder) => {
      await writeRecordedRun(join(folder, 'a'));
      const metrics = { dsc: 0.875, hd95: null, sens: 1, ldr: 1, rve: 0 };
      await writeJsonFile(join(folder, 'a', 'evaluation', 'metrics.json'), {
        cases: [{ name: 'x', ...metrics }],
        mean: metrics,
        std: { dsc: null, hd95: null, sens: null, ldr: null, rve: null },
      });
      const [run] = await new RunStore(folder).list();
      expect(run?.evaluation).toEqual({ cases: 1, dsc: 0.875, hd95: null });
    }));

  it('sees files that change, appear and go', () =>
    inTemporaryFolder(async (folder) => {
      const store = new RunStore(folder);
      await writeRecordedRun(join(folder, 'a'), { totalSteps: 20, steps: 5 });
      const [before] = await store.list();
      const [same] = await store.list();
      expect(same?.version).toBe(before?.version);
      await writeJsonFile(
        join(folder, 'a', 'history.json'),
        recordedHistory({ totalSteps: 20, steps: 10 }),
      );
      await utimes(join(folder, 'a', 'history.json'), new Date(), new Date(Date.now() + 2000));
      const [after] = await store.list();
      expect(after).toMatchObject({ steps: 10, epochs: 2 });
      expect(after?.version).not.toBe(before?.version);
      await rm(join(folder, 'a'), { recursive: true });
      expect(await store.list()).toEqual([]);
      expect(store.has('a')).toBe(false);
    }));
});
