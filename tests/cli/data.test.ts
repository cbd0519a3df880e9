import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { inTemporaryFolder, runCli } from '../helpers/cli.ts';
import { writeTinyDataset } from '../helpers/tiny_dataset.ts';

describe('data info', () => {
  test('prints tables on stdout and writes a figure', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeTinyDataset(folder, { subjects: 3, side: 32 });
      const out = join(folder, 'figures', 'balls.png');
      const { code, stdout, stderr } = await runCli(['data', 'info', folder, '--out', out]);
      expect(code).toBe(0);
      expect(stdout).toContain('Balls: 3 images, 3 label maps');
      expect(stdout).toMatch(/targetSpacing +1 × 1\.5 × 2 mm/);
      expect(stderr).toContain(`written: ${out}`);
      expect(decode(await readFile(out)).width).toBeGreaterThan(1500);
    });
  });

  test('--json is the whole of stdout, wherever it stands, and threads change nothing', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeTinyDataset(folder, { subjects: 3, side: 32 });
      const before = await runCli(['data', '--json', 'info', folder, '--workers', '2']);
      const after = await runCli(['data', 'info', folder, '--json', '--workers', '1']);
      expect(before.code).toBe(0);
      expect(before.stdout).toBe(after.stdout);
      const result = JSON.parse(after.stdout);
      expect(result.suggestion.patchSize).toEqual([32, 32, 32]);
      expect(result.labels[0]).toMatchObject({ value: 1, name: 'ball', files: 3 });
      expect(result.files).toHaveLength(6);
    });
  });

  test('a file that cannot be read is listed, warned of, and an exit code', async () => {
    await inTemporaryFolder(async (folder) => {
      const [name] = await writeTinyDataset(folder, { subjects: 2, side: 32 });
      await writeFile(join(folder, 'imagesTr', `${name}.nii.gz`), '<html>not found</html>');
      const { code, stdout, stderr } = await runCli(['data', 'info', folder]);
      expect(code).toBe(1);
      expect(stdout).toContain('1 unreadable');
      expect(stdout).toContain('web page');
      expect(stderr).toMatch(/warning: .*ball_1_a\.nii\.gz/);
    });
  });

  test('axes as stored, headers alone, another spacing', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeTinyDataset(folder, { subjects: 2, side: 32 });
      const mixed = await runCli(['data', 'info', folder, '--as-stored']);
      expect(mixed.code).toBe(1);
      expect(mixed.stderr).toContain('different orientations');
      const { code, stdout } = await runCli([
        ...['data', 'info', join(folder, 'imagesTr'), '--headers-only', '--spacing', '0.5,1.5,2'],
      ]);
      expect(code).toBe(0);
      expect(stdout).toMatch(/patchSize +64 × 32 × 32/);
      expect(stdout).not.toContain('intensities');
    });
  });

  test('a figure of another kind and a folder that is no data set are refused', async () => {
    await inTemporaryFolder(async (folder) => {
      const svg = await runCli(['data', 'info', folder, '--out', 'a.svg']);
      expect(svg.code).toBe(1);
      expect(svg.stderr).toContain('.png');
      const none = await runCli(['data', 'info', folder]);
      expect(none.code).toBe(1);
      expect(none.stderr).toContain('neither a dataset.json nor NIfTI files');
    });
  });

  test('has help with an example', async () => {
    const { code, stdout } = await runCli(['data', 'info', '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('Example:\n  voxgrad data info');
    expect(stdout).toContain('--out');
  });
});
