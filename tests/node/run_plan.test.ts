import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planFacts, planRun, planText } from '../../src/node/run_plan.ts';
import { writeJsonFile } from '../../src/node/whole_file.ts';
import { runSettings } from '../../src/train/run_config.ts';
import { inTemporaryFolder } from '../helpers/cli.ts';
import { writeTinyDataset } from '../helpers/tiny_dataset.ts';

test('a plan says what it found and decided, and names every subject once', async () => {
  await inTemporaryFolder(async (folder) => {
    const names = await writeTinyDataset(folder);
    const plan = await planRun(folder, runSettings({ split: { testPct: 0.2 } }));
    const { train, validation, test: unseen } = plan.split;
    expect([...train, ...validation, ...unseen].sort()).toEqual([...names].sort());
    expect(plan.warnings).toEqual([]);
    expect(planText(plan)).toContain('1 × 1.5 × 2 mm');
    expect(new Map(planFacts(plan)).get('classes')).toBe('0 background, 1 ball');
  });
});

test('the plan looks at no subject that is held out', async () => {
  await inTemporaryFolder(async (folder) => {
    const names = await writeTinyDataset(folder);
    const split = join(folder, 'split.json');
    await writeJsonFile(split, { train: names.slice(0, 2), validation: names.slice(2, 3) });
    const plan = await planRun(folder, runSettings({}), split);
    expect(plan.analysis.count).toBe(3);
  });
});

test('a step beyond the memory to count on is warned of, a split without training refused', async () => {
  await inTemporaryFolder(async (folder) => {
    const names = await writeTinyDataset(folder);
    const settings = runSettings({ patch: { patchSize: [256, 256, 256] } });
    const { warnings } = await planRun(folder, settings);
    expect(warnings).toEqual([expect.stringMatching(/GiB, more than the 2 GiB/)]);
    const huge = runSettings({ patch: { patchSize: [1024, 1024, 1024] } });
    await expect(planRun(folder, huge)).rejects.toThrow('Use a smaller patch or batch');
    const split = join(folder, 'split.json');
    await writeJsonFile(split, { test: names });
    await expect(planRun(folder, runSettings({}), split)).rejects.toThrow('no subject to train on');
  });
});
