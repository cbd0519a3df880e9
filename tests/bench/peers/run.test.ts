import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EngineSpec } from '../../../bench/peers/engines.ts';
import type { Cell } from '../../../bench/peers/report.ts';
import { type PeersOptions, runPeers } from '../../../bench/peers/run.ts';
import { fakePeer } from '../../helpers/fake_peer.ts';

let folder: string;
let log: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'peers-test-'));
  log = join(folder, 'log');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const run = (specs: readonly EngineSpec[], options: Partial<PeersOptions> = {}) =>
  runPeers(specs, {
    folder,
    sizes: [[16, 16, 16]],
    threads: 1,
    timeoutSeconds: 30,
    minRounds: 3,
    maxRounds: 3,
    budgetMs: 0,
    pauseMs: 0,
    ...options,
  });

const logged = async (): Promise<string[]> => (await readFile(log, 'utf8')).trim().split('\n');

/** The processes that were started and still live. */
async function survivors(): Promise<number[]> {
  const pids = (await logged())
    .filter((line) => line.startsWith('pid'))
    .map((line) => +line.slice(4));
  expect(pids.length).toBeGreaterThan(0);
  return pids.filter((pid) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  });
}

const cell = (cells: readonly Cell[], engine: string, work: Cell['work']): Cell =>
  cells.find((one) => one.engine === engine && one.work === work)!;

describe('runPeers', () => {
  test('engines take turns, and while one works no other does', async () => {
    const specs = ['voxgrad', 'b', 'c'].map((name) => fakePeer(name, log));
    const { cells, engines } = await run(specs);
    const work = (await logged()).filter((line) => !line.startsWith('pid'));
    const round = ['voxgrad', 'b', 'c'].flatMap((name) => [`start ${name}`, `end ${name}`]);
    // A first run and three timed ones of both kinds.
    expect(work).toEqual(Array.from({ length: 8 }, () => round).flat());
    expect(engines.map(({ version }) => version)).toEqual(
      ['voxgrad', 'b', 'c'].map((name) => `fake ${name} 1.0`),
    );
    expect(cells.map(({ right }) => right)).toEqual([null, true, true, null, true, true]);
    for (const { ms, runs, ratio, first_ms, error } of cells) {
      expect(ms).toBeGreaterThan(15);
      expect(first_ms).toBeGreaterThan(15);
      expect(runs).toBe(3);
      expect(ratio).toBeGreaterThan(0);
      expect(error).toBe(undefined);
    }
    expect(cells[0]!.ratio).toBe(1);
    expect(await survivors()).toEqual([]);
  });

  test('rounds go on while there is time for them', async () => {
    const { cells } = await run([fakePeer('voxgrad', log)], { maxRounds: 5, budgetMs: 60_000 });
    expect(cells.map(({ runs }) => runs)).toEqual([5, 5]);
  });

  test('wrong gradients are named, and so are missing ones', async () => {
    const specs = [fakePeer('voxgrad', log), fakePeer('b', log, 'wrong')];
    const { cells } = await run([...specs, fakePeer('c', log, 'no gradient')]);
    expect(cell(cells, 'b', 'forward').right).toBe(true);
    const wrong = cell(cells, 'b', 'step');
    expect(wrong.right).toBe(false);
    expect(wrong.differences.voxgrad).toEqual({
      worst: 'a.weight',
      error: 0.2,
      wrong: ['a.weight'],
      tensors: 2,
    });
    expect(cell(cells, 'c', 'step').right).toBe(false);
  });

  test('voxgrad itself is compared with PyTorch', async () => {
    const { cells } = await run([fakePeer('voxgrad', log, 'wrong'), fakePeer('pytorch', log)]);
    expect(cell(cells, 'voxgrad', 'forward').right).toBe(true);
    expect(cell(cells, 'voxgrad', 'step').right).toBe(false);
  });

  test('an engine that does not train has no training cell', async () => {
    const { cells } = await run([fakePeer('voxgrad', log), fakePeer('b', log, 'right', false)]);
    expect(cell(cells, 'b', 'forward').ms).toBeGreaterThan(0);
    expect(cell(cells, 'b', 'step')).toBe(undefined);
  });

  test('engines that hang, crash or fail say so in their cells, and the others go on', async () => {
    const specs = [
      fakePeer('voxgrad', log),
      fakePeer('b', log, 'hangs'),
      fakePeer('c', log, 'crashes'),
      fakePeer('d', log, 'fails'),
      fakePeer('e', log, 'noisy'),
    ];
    const { cells } = await run(specs, { timeoutSeconds: 5 });
    expect(cell(cells, 'b', 'forward')).toMatchObject({ ms: null, error: 'timeout after 5 s' });
    expect(cell(cells, 'c', 'forward').error).toMatch(/SIGABRT|exit code/);
    expect(cell(cells, 'd', 'forward').error).toBe('dispatch of 70000 workgroups');
    for (const name of ['b', 'c', 'd']) {
      const { error, ms } = cell(cells, name, 'step');
      expect(error).toBe(cell(cells, name, 'forward').error);
      expect(ms).toBe(null);
    }
    for (const name of ['voxgrad', 'e']) expect(cell(cells, name, 'step').runs).toBe(3);
    expect(await survivors()).toEqual([]);
    // What has failed is not tried again on that size.
    expect((await logged()).filter((line) => line === 'start d')).toHaveLength(1);
  });

  test('on the next size a failed engine gets another chance', async () => {
    const specs = [fakePeer('voxgrad', log), fakePeer('d', log, 'fails')];
    const sizes: PeersOptions['sizes'] = [
      [16, 16, 16],
      [32, 16, 16],
    ];
    const { cells } = await run(specs, { sizes });
    expect(cells).toHaveLength(8);
    expect((await logged()).filter((line) => line === 'start d')).toHaveLength(2);
  });

  test('an engine that is not there is in the report with its reason', async () => {
    const absent = { ...fakePeer('b', log), command: ['no-such-program'] } as const;
    const lacking = { ...fakePeer('c', log), packages: ['no-such-package'] };
    const { engines, cells } = await run([fakePeer('voxgrad', log), absent, lacking]);
    expect(engines[1]).toMatchObject({ version: null, error: expect.stringMatching(/ENOENT/) });
    expect(engines[2]).toMatchObject({ version: null, error: 'not installed' });
    expect(cell(cells, 'b', 'forward').ms).toBe(null);
  });

  test('without voxgrad there is no yardstick', async () => {
    const absent = { ...fakePeer('voxgrad', log), command: ['no-such-program'] } as const;
    await expect(run([absent, fakePeer('b', log)])).rejects.toThrow(
      /voxgrad does not start.*ENOENT/,
    );
  });

  test('stopping ends every process', async () => {
    const controller = new AbortController();
    const running = run([fakePeer('voxgrad', log), fakePeer('b', log, 'hangs')], {
      signal: controller.signal,
      note: (text) => {
        if (text.includes('b, first run')) {
          setTimeout(() => controller.abort(new Error('stopped')), 300);
        }
      },
    });
    await expect(running).rejects.toThrow('stopped');
    expect(await survivors()).toEqual([]);
  });
});
