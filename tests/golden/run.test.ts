import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeSafetensors } from '../../src/io/safetensors.ts';

let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'voxgrad-golden-'));
  const scalar = (value: number) => ({ data: Float32Array.of(value), shape: [1] });
  const tensors = { lr: scalar(4e-5), wrong_lr: scalar(5e-5), mom: scalar(0.95) };
  writeFileSync(join(dir, 'values.safetensors'), encodeSafetensors(tensors));
  const oneCycle = {
    op: 'one_cycle',
    file: 'values.safetensors',
    params: {
      lr_max: 1e-3,
      iters: 1,
      div: 25,
      div_final: 1e5,
      pct_start: 0.25,
      moms: [0.95, 0.85, 0.95],
    },
    inputs: {},
    tolerance: { rel_max: 1e-6 },
  };
  const triple = (value: number) => [value, value, value];
  const sizes = {
    dims: [[70, 32, 40]],
    voxels: [triple(1)],
    target_spacing: triple(1),
    divisor: 16,
    mode_spacing: triple(1),
    stats: {
      median: [70, 32, 40],
      min: [70, 32, 40],
      max: [70, 32, 40],
      std: triple(0),
      percentile_10: [70, 32, 40],
      percentile_90: [70, 32, 40],
    },
  };
  const inParameters = {
    op: 'suggest_patch_size',
    file: 'values.safetensors',
    inputs: {},
    outputs: {},
    tolerance: { exact: true },
  };
  const cases = [
    { ...oneCycle, name: 'right', outputs: { lr: 'lr', mom: 'mom' } },
    { ...oneCycle, name: 'wrong', outputs: { lr: 'wrong_lr', mom: 'mom' } },
    { ...oneCycle, name: 'missing', outputs: { lr: 'lr', other: 'mom' } },
    { ...oneCycle, name: 'unknown', op: 'no_such_op', outputs: { lr: 'lr' } },
    { ...oneCycle, name: 'outside', op: '../case', outputs: { lr: 'lr' } },
    { ...inParameters, name: 'in_parameters', params: { ...sizes, patch_size: [64, 32, 32] } },
    { ...inParameters, name: 'wrong_parameters', params: { ...sizes, patch_size: [64, 32, 48] } },
  ];
  writeFileSync(join(dir, 'manifest.json'), JSON.stringify({ cases }));
});

afterAll(() => rmSync(dir, { recursive: true }));

function golden(...options: string[]) {
  const run = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'tests/golden/run.ts', dir, ...options],
    { encoding: 'utf8' },
  );
  return { status: run.status, lines: run.stdout.trim().split('\n') };
}

it('prints one line per case, sums them up, and fails', () => {
  const { status, lines } = golden();
  expect(lines[0]).toMatch(/^PASS right \S+ \S+$/);
  expect(lines[1]).toMatch(/^FAIL wrong .*lr: first at 0: got 0\.00004/);
  expect(lines[2]).toMatch(/^FAIL missing .*other: missing from the handler's results/);
  expect(lines[3]).toBe("FAIL unknown op 'no_such_op' is not yet supported");
  expect(lines[4]).toBe("FAIL outside op '../case' is not yet supported");
  expect(lines[5]).toMatch(/^PASS in_parameters /);
  expect(lines[6]).toMatch(/^FAIL wrong_parameters .*patch_size: first at 2: got 32, expected 48/);
  expect(lines[7]).toBe('2 passed, 5 failed');
  expect(status).toBe(1);
});

it('--supported lists unknown ops without failing for them; --only picks ops', () => {
  const { status, lines } = golden('--only', 'no_such_op,one_cycle', '--supported');
  expect(lines.at(-2)).toBe('not yet supported: no_such_op');
  expect(lines.at(-1)).toBe('1 passed, 2 failed');
  expect(status).toBe(1);
});
