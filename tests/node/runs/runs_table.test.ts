import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listRuns } from '../../../src/node/runs/run_store.ts';
import { runsText, sortRuns } from '../../../src/node/runs/runs_table.ts';
import { inTemporaryFolder } from '../../helpers/cli.ts';
import { damage, writeRecordedRun } from '../../helpers/recorded_run.ts';

const threeRuns = () =>
  inTemporaryFolder(async (folder) => {
    await writeRecordedRun(join(folder, 'run10'), { dice: [0.5, 0.9, 0.91, 0.92] });
    await writeRecordedRun(join(folder, 'run2'), { dice: [0.5, 0.6, 0.7, 0.96] });
    await writeRecordedRun(join(folder, 'broken'));
    await damage(join(folder, 'broken', 'history.json'));
    return listRuns(folder);
  });

describe('sortRuns', () => {
  it('puts the best first and runs without the value last', async () => {
    const names = (order: 'dice' | 'name') => async () =>
      sortRuns(await threeRuns(), order).map(({ name }) => name);
    expect(await names('dice')()).toEqual(['run2', 'run10', 'broken']);
    expect(await names('name')()).toEqual(['broken', 'run2', 'run10']);
  });
});

describe('runsText', () => {
  it('has a line per run, columns in line, and the errors below', async () => {
    const lines = runsText(sortRuns(await threeRuns(), 'name')).split('\n');
    expect(lines[0]).toMatch(/^run +state +started +epochs +steps +best Dice/);
    expect(lines[1]).toBe('broken  damaged');
    expect(lines[2]).toMatch(/^run2 {4}finished .* 20\/20 +0\.9600 .*32x32x16 +1x1x1\.37/);
    expect(lines[2]?.length).toBe(lines[3]?.length);
    expect(lines.at(-1)).toMatch(/^broken: .*history\.json: .*no readable JSON/);
  });
});
