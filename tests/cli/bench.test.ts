import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inTemporaryFolder, runCli } from '../helpers/cli.ts';

const QUICK = ['bench', 'add', 'bottom', '--patch', '32', '--quick'];

test('prints the contract as JSON, saves it, and compares a later run with it', async () => {
  await inTemporaryFolder(async (folder) => {
    const file = join(folder, 'results', 'before.json');
    const { code, stdout, stderr } = await runCli([...QUICK, '--json', '--save', file]);
    expect(stderr).not.toContain('error');
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(report);
    expect(report.ceilings).toMatchObject({
      fma_gflops: expect.any(Number),
      copy_gbps: expect.any(Number),
    });
    expect(report.network).toEqual([]);
    const [row] = report.rows;
    expect(row).toMatchObject({ op: 'add', pass: 'forward', kernel: null, stride: null });
    expect(row).toMatchObject({ in_channels: 256, out_channels: 256, shape: [2, 2, 2] });
    for (const key of ['ms', 'spread', 'gbps', 'percent_of_ceiling']) {
      expect(row[key], key).toEqual(expect.any(Number));
    }
    expect(row.gflops).toBe(null);

    const later = await runCli([...QUICK, '--compare', file]);
    expect(later.code).toBe(0);
    expect(later.stdout).toMatch(/add forward 256>256 2x2x2 batch 1 .*x +±.*(faster|slower|same)/);
  });
});

test('names, variants and patches that do not exist are refused with what there is', async () => {
  for (const [args, hint] of [
    [['bench', 'conv2d'], 'conv_transpose3d'],
    [['bench', 'conv3d', '--variant', 'tield'], 'naive'],
    [['bench', '--patch', '100'], 'multiples of 16'],
    [['bench', '--compare', '/nonexistent.json'], '/nonexistent.json'],
  ] as const) {
    const { code, stdout, stderr } = await runCli(args);
    expect(code, args.join(' ')).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(hint);
  }
});
