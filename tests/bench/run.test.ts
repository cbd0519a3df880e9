import { describe, expect, test } from 'vitest';
import type { BenchCase } from '../../bench/case.ts';
import { casesOf, selectCases } from '../../bench/cases.ts';
import { runBench } from '../../bench/run.ts';
import { ConfigError } from '../../src/errors.ts';
import { openGpu } from '../../src/node/dawn.ts';

const CASES = casesOf([32, 32, 32]);

describe('runBench', () => {
  test('measures ceilings, every op and pass, and the network, all of them right', async () => {
    const layers = ['enc3.conv1', 'bottom.residual', 'dec2.up', 'enc2.conv0', 'loss', 'all'];
    const cases = CASES.filter(({ layer }) => layers.some((word) => layer.startsWith(word)));
    const notes: string[] = [];
    const { adapter, ceilings, rows, network } = await runBench(openGpu, {
      cases,
      networks: [{ shape: [32, 32, 16], batch: 2 }],
      variants: ['naive', 'shipped'],
      quick: true,
      onProgress: (done, total, note) => notes.push(`${done}/${total} ${note}`),
    });
    expect(adapter.vendor.length).toBeGreaterThan(0);
    expect(ceilings.fma_gflops).toBeGreaterThan(0.1);
    expect(ceilings.copy_gbps).toBeGreaterThan(0.01);
    expect(rows.flatMap(({ error }) => error ?? [])).toEqual([]);
    expect(new Set(rows.map(({ op }) => op)).size).toBe(new Set(CASES.map(({ op }) => op)).size);
    for (const row of rows) {
      expect(row.ms, `${row.op} ${row.pass}`).toBeGreaterThanOrEqual(0);
      expect(row.percent_of_ceiling).toBeGreaterThan(0);
    }
    expect(rows.filter(({ variant }) => variant === 'naive').length).toBeGreaterThan(5);
    expect(network.flatMap(({ error }) => error ?? [])).toEqual([]);
    expect(network.map(({ what }) => what)).toEqual(['forward', 'training_step']);
    for (const row of network) {
      expect(row).toMatchObject({ name: 'unet', shape: [32, 32, 16], batch: 2 });
      expect(row.gflops! * row.ms!).toBeGreaterThan(0);
      expect(row.dispatches).toBeGreaterThan(50);
      expect(row.submits).toBeGreaterThan(0);
      expect(row.peak_bytes).toBeGreaterThan(4 * 4_806_481);
      expect(row.bytes_moved).toBeGreaterThan(row.peak_bytes!);
    }
    expect(notes[0]).toMatch(/^0\/\d+ ceilings$/);
    const [done, total] = notes.at(-1)!.split(' ')[0]!.split('/');
    expect(done).toBe(total);
  });

  test('after a failure the next op runs on a new device', async () => {
    const [sound] = selectCases(CASES, ['add', 'bottom']);
    const lost: BenchCase = {
      ...sound!,
      op: 'lost',
      setUp: ({ gpu }) => {
        gpu.destroy();
        return { expected: async () => [await gpu.read(gpu.tensor([1]))], variants: {} };
      },
    };
    const { rows } = await runBench(openGpu, {
      cases: [lost, sound!],
      networks: [],
      variants: ['shipped'],
      quick: true,
    });
    expect(rows.map(({ op }) => op)).toEqual(['lost', 'add']);
    expect(rows[0]).toMatchObject({ ms: null, percent_of_ceiling: null });
    expect(rows[0]!.error).toBeTruthy();
    expect(rows[1]!.error).toBe(undefined);
    expect(rows[1]!.ms).toBeGreaterThan(0);
  });

  test('a variant that nothing has is refused before anything runs', async () => {
    const open = (): never => expect.fail('opened a device');
    const options = { cases: CASES, networks: [], quick: true };
    await expect(runBench(open, { ...options, variants: ['tield'] })).rejects.toThrow(ConfigError);
    await expect(runBench(open, { ...options, variants: ['tield'] })).rejects.toThrow(/naive/);
  });

  test('stops between two pieces of work', async () => {
    const controller = new AbortController();
    const run = runBench(openGpu, {
      cases: CASES,
      networks: [],
      variants: ['shipped'],
      quick: true,
      signal: controller.signal,
      onProgress: (done) => {
        if (done === 2) controller.abort(new Error('stopped'));
      },
    });
    await expect(run).rejects.toThrow('stopped');
  });
});
