import { afterAll, expect, test } from 'vitest';
import { CHECKS_OF } from '../../../bench/checks/all.ts';
import type { Check } from '../../../bench/checks/check.ts';
import { type CheckResult, runChecks } from '../../../bench/checks/run.ts';
import type { Gpu } from '../../../src/gpu/device.ts';
import { openGpu } from '../../../src/node/dawn.ts';

const opened: Gpu[] = [];
const open = async (): Promise<Gpu> => {
  const gpu = await openGpu();
  opened.push(gpu);
  return gpu;
};
afterAll(() => {
  for (const gpu of opened) gpu.destroy();
});

const SHAPE = [2, 3, 5, 7, 3] as const;
const some = (...ops: string[]): Check[] => ops.flatMap((op) => CHECKS_OF[op]!(SHAPE));

test('kernels that are right pass, pass by pass, in both precisions where there is f16', async () => {
  const seen: CheckResult[] = [];
  const checks = some('relu', 'adam');
  const results = await runChecks(open, {
    checks,
    onResult: (result, done) => {
      expect(done).toBe(seen.push(result));
    },
  });
  expect(results).toEqual(seen);
  const names = results.map(({ op }) => op).filter((op) => !op.endsWith('f16'));
  expect(names).toEqual(['relu forward', 'relu backward', 'adam step']);
  const half = opened[0]!.device.features.has('shader-f16');
  expect(results.some(({ op }) => op === 'relu forward f16')).toBe(half);
  expect(results.every(({ ok }) => ok)).toBe(true);
});

test('a wrong result fails, with how far it is off, where, and on which size', async () => {
  const wrong: Check[] = some('sigmoid').map((check) => ({
    ...check,
    half: false,
    setUp: (inputs) => {
      const trial = check.setUp(inputs);
      return {
        ...trial,
        expected: () => trial.expected().map((values) => Float32Array.from(values, (v) => -v)),
      };
    },
  }));
  const [result] = await runChecks(open, { checks: wrong });
  expect(result!.ok).toBe(false);
  expect(result!.worst).toBeCloseTo(2);
  expect(result!.error).toMatch(/^2x3x5x7x3: worst difference 2\.0e\+0 at \d+: got/);
});

test('a kernel that fails does not keep the others from running', async () => {
  const [sigmoid] = some('sigmoid');
  const failing: Check = {
    ...sigmoid!,
    op: 'failing',
    half: false,
    setUp: ({ scope }) => {
      scope.gpu.device.createBuffer({ size: 4, usage: 0xffff_ffff });
      return {
        variants: { shipped: () => [scope.tensor([1])] },
        expected: () => [[0]],
      };
    },
  };
  const results = await runChecks(open, { checks: [failing, { ...sigmoid!, half: false }] });
  expect(results.map(({ ok }) => ok)).toEqual([false, true]);
  expect(results[0]!.error).toMatch(/WebGPU/);
});

test('an abort ends it between two checks', async () => {
  const controller = new AbortController();
  const run = runChecks(open, {
    checks: some('relu'),
    signal: controller.signal,
    onResult: () => controller.abort(new Error('enough')),
  });
  await expect(run).rejects.toThrow('enough');
});
