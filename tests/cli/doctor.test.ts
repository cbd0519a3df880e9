import { expect, test } from 'vitest';
import { runCli } from '../helpers/cli.ts';

test('the report names the adapter and passes every kernel', async () => {
  const { code, stdout } = await runCli(['doctor', '--json']);
  expect(code).toBe(0);
  const report = JSON.parse(stdout);
  expect(report.ok).toBe(true);
  expect(report.adapter.limits.maxStorageBufferBindingSize).toBeGreaterThan(0);
  const ops = report.checks.map(({ op }: { op: string }) => op);
  expect(ops).toContain('conv3d backward_weight');
  expect(ops).toContain('aggregate labels');
  expect(report.checks.every((check: { ok: boolean }) => check.ok)).toBe(true);
});

test.runIf(process.platform === 'linux')(
  'without a driver it says what to install, and fails',
  async () => {
    const { code, stdout } = await runCli(['doctor', '--json'], {
      VK_ICD_FILENAMES: '/nonexistent.json',
      VK_DRIVER_FILES: '/nonexistent.json',
    });
    expect(code).toBe(1);
    const report = JSON.parse(stdout);
    expect(report.adapter).toBe(null);
    expect(report.advice.join()).toContain('./setup');
  },
);
