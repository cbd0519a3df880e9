import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inTemporaryFolder, runCli } from '../helpers/cli.ts';
import { writeTinyDataset } from '../helpers/tiny_dataset.ts';

describe('preprocess', () => {
  test('makes a data set that train takes without a flag', () =>
    inTemporaryFolder(async (folder) => {
      const [data, out] = [join(folder, 'balls'), join(folder, 'ready')];
      await writeTinyDataset(data, { side: 32 });
      const args = ['preprocess', '--data', data, '--out', out];
      const first = await runCli([...args, '--target-spacing', '1.5,1.5,2', '--workers', '1']);
      expect(first.stderr).toMatch(/preprocess 6\/6/);
      expect(first.code).toBe(0);
      expect(first.stdout).toBe(
        `${out}: 6 subjects, axes in RAS+, 1.5 × 1.5 × 2 mm, ZNormalization\n`,
      );
      const again = await runCli([...args, '--target-spacing', '1.5,1.5,2', '--json']);
      expect(JSON.parse(again.stdout)).toMatchObject({
        subjects: 6,
        kept: 6,
        preprocessing: { targetSpacing: [1.5, 1.5, 2] },
      });
      const plan = await runCli([
        ...['train', '--data', out, '--out', join(folder, 'run'), '--dry-run', '--json'],
      ]);
      expect(plan.code).toBe(0);
      const { patch } = JSON.parse(plan.stdout).run;
      expect(patch).toMatchObject({ preprocessed: true, targetSpacing: [1.5, 1.5, 2] });
    }));

  test('never writes over the scans, and has help with an example', () =>
    inTemporaryFolder(async (folder) => {
      await writeTinyDataset(folder, { side: 32 });
      const { code, stderr } = await runCli(['preprocess', '--data', folder, '--out', folder]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/would replace the scans/);
      expect((await readdir(folder)).sort()).toEqual(['dataset.json', 'imagesTr', 'labelsTr']);
      const help = await runCli(['preprocess', '--help']);
      expect(help.stdout).toContain('voxgrad preprocess --data Task02_Heart');
    }));
});
