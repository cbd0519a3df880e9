import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { experimentsOf } from '../../../bench/lab/experiments.ts';
import { type Choice, LabSession } from '../../../bench/lab/session.ts';
import type { Gpu } from '../../../src/gpu/device.ts';
import * as wgsl from '../../../src/gpu/wgsl.generated.ts';
import { openGpu } from '../../../src/node/dawn.ts';

const timing = { minRuns: 1, maxRuns: 1, budgetMs: 0 };
const opened: Gpu[] = [];
let session: LabSession;

beforeAll(() => {
  session = new LabSession(async () => {
    const gpu = await openGpu();
    opened.push(gpu);
    return gpu;
  });
});
afterAll(() => session.close());

const conv: Choice = {
  op: 'conv3d',
  pass: 'forward',
  title: '2x3x7x5x11 to 5 channels, kernel 3, stride 1',
  variant: 'naive',
  precision: 'f32',
};
const relu: Choice = {
  op: 'relu',
  pass: 'forward',
  title: '2x3x7x5x11',
  variant: 'shipped',
  precision: 'f32',
};

test('a launch is described without running: its variants, shaders and what may be set', async () => {
  const { variants, shaders } = await session.describe(conv);
  expect(variants[0]).toBe('shipped');
  expect(variants).toContain('naive');
  expect(shaders).toEqual([
    {
      name: 'conv3d_forward_naive',
      overrides: wgsl.conv3dForwardNaive.overrides,
      consts: {},
      set: [],
    },
  ]);
  const rows = await session.describe({ ...conv, variant: 'rows4x2' });
  expect(rows.shaders[0]!.consts.ROWS).toBe(4);
  expect(rows.shaders[0]!.set).toContain('ROWS');
});

test('the shipped text passes and is timed beside the shipped kernel, with its share of the ceiling', async () => {
  const result = await session.run(conv, {}, { timing });
  expect(result).toMatchObject({ ok: true, messages: [], oracle: 'plain loops' });
  for (const timed of [result.yours, result.shipped]) {
    expect(timed!.median).toBeGreaterThan(0);
    expect(timed!.gflops).toBeGreaterThan(0);
    expect(timed!.percentOfCeiling).toBeGreaterThan(0);
  }
  expect(result.ceilings!.fma_gflops).toBeGreaterThan(0);
});

test('another workgroup size computes the same', async () => {
  const edits = { conv3d_forward_naive: { overrides: { WORKGROUP_SIZE: 32 } } };
  expect(await session.run(conv, edits, { timing })).toMatchObject({ ok: true });
});

test('half precision is checked where the adapter has it', async () => {
  const { half } = await session.describe(conv);
  expect(half).toBe(opened[0]!.device.features.has('shader-f16'));
  if (half) {
    expect(await session.run({ ...conv, precision: 'f16' }, {}, { timing })).toMatchObject({
      ok: true,
    });
  }
});

describe('an edited text', () => {
  const { code } = wgsl.reluForward;
  const run = (changed: string) =>
    session.run(relu, { relu_forward: { code: changed } }, { timing });

  test('that computes something else fails, with where, and gets no time', async () => {
    const wrong = code.replace('<= 0.0', '> 0.0');
    expect(wrong).not.toBe(code);
    const result = await run(wrong);
    expect(result).toMatchObject({ ok: false, yours: null, shipped: null });
    expect(result.difference!.worst).toBeGreaterThan(0.5);
    expect(result.difference!.at).toBeGreaterThanOrEqual(0);
  });

  test('that writes nothing does not find the right values of an earlier run', async () => {
    expect(await run(code)).toMatchObject({ ok: true });
    const result = await run(code.replace(/y\[.*\] = .*;/, ''));
    expect(result.ok).toBe(false);
    expect(result.difference ?? result.error).toBeTruthy();
  });

  test('that does not compile names its line, and costs no device', async () => {
    const devices = opened.length;
    const lines = code.split('\n');
    const at = lines.findIndex((line) => line.includes('fn main('));
    lines.splice(at + 1, 0, '  nonsense!');
    const result = await run(lines.join('\n'));
    expect(result.ok).toBe(false);
    expect(result.messages[0]).toMatchObject({ type: 'error', file: 'shaders/relu_forward.wgsl' });
    expect(result.messages[0]!.line).toBeGreaterThan(3);
    expect(await run(code)).toMatchObject({ ok: true });
    expect(opened.length).toBe(devices);
  });

  test('whose bindings are not the launcher’s fails in words, and the next run has a new device', async () => {
    const devices = opened.length;
    const result = await run(code.replace('@binding(2)', '@binding(7)'));
    expect(result.ok).toBe(false);
    expect(result.error).toBeTruthy();
    expect(await run(code)).toMatchObject({ ok: true });
    expect(opened.length).toBe(devices + 1);
  });

  test('with another number in it means that number, not the launcher’s', async () => {
    const rows = { ...conv, variant: 'rows4x2' };
    const shipped = wgsl.conv3dForwardRows.code;
    const text = shipped.replace(/const ROWS: u32 = \d+u/, 'const ROWS: u32 = 1u');
    const result = await session.run(rows, { conv3d_forward_rows: { code: text } }, { timing });
    // The grid is made for four rows per thread: three of them are left out.
    expect(result.ok).toBe(false);
    expect(await session.run(rows, {}, { timing })).toMatchObject({ ok: true });
  });
});

test('a lost device is replaced by the next run', async () => {
  const devices = opened.length;
  opened.at(-1)!.destroy();
  await opened.at(-1)!.device.lost;
  expect(await session.run(relu, {}, { timing })).toMatchObject({ ok: true });
  expect(opened.length).toBe(devices + 1);
});

test('an experiment that is not there is refused in words', async () => {
  await expect(session.describe({ ...conv, title: 'nothing' })).rejects.toThrow(
    "Got 'conv3d forward nothing'",
  );
  await expect(session.describe({ ...conv, op: 'nothing' })).rejects.toThrow('no such experiment');
});

test('layers of a 32x32x32 patch pass', async () => {
  const layer = experimentsOf('add').find(({ title }) => title.startsWith('enc3'))!;
  const { op, pass, title } = layer;
  const choice = { op, pass, title, variant: 'shipped', precision: 'f32' } as const;
  expect(await session.run(choice, {}, { timing })).toMatchObject({ ok: true });
});
