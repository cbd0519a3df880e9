/** A whole run: engines start, load each size, and meet in every column of the table. */
import { cpus } from 'node:os';
import { GpuError } from '../../src/errors.ts';
import type { Triple } from '../../src/shape.ts';
import { type EngineSpec, isInstalled } from './engines.ts';
import type { Cell, EngineReport, PeersReport } from './report.ts';
import { Seat } from './seat.ts';
import { runColumn, type TurnOptions } from './turns.ts';
import { type Work, writeInputs } from './workload.ts';

/** What all are compared with; the first is the yardstick of the ratios. */
const REFERENCES = ['voxgrad', 'pytorch'];

const WORKS: readonly Work[] = ['forward', 'step'];

export interface PeersOptions extends Omit<TurnOptions, 'references'> {
  readonly sizes: readonly Triple[];
  readonly threads: number;
  readonly timeoutSeconds: number;
}

/** Starts every engine once, to learn its version. */
async function roll(
  seats: readonly Seat[],
  { signal, note }: PeersOptions,
): Promise<EngineReport[]> {
  const reports: EngineReport[] = [];
  for (const seat of seats) {
    const { name, title } = seat.spec;
    signal?.throwIfAborted();
    note?.(`${name} starts`);
    try {
      if (!isInstalled(seat.spec)) throw new Error('not installed');
      const { version, adapter = null } = await seat.start();
      reports.push({ name, title, version, adapter });
    } catch (error) {
      signal?.throwIfAborted();
      await seat.stop();
      reports.push({ name, title, version: null, adapter: null, error: (error as Error).message });
    }
  }
  return reports;
}

/** Every seat with weights and inputs of `size`; adds those that fail to `failures`. */
async function loadAll(
  seats: readonly Seat[],
  size: Triple,
  failures: Map<string, string>,
  { signal, note }: PeersOptions,
): Promise<void> {
  for (const seat of seats) {
    const { name } = seat.spec;
    if (failures.has(name)) continue;
    signal?.throwIfAborted();
    note?.(`${name} loads`);
    try {
      await seat.load(size);
    } catch (error) {
      signal?.throwIfAborted();
      failures.set(name, (error as Error).message);
      await seat.stop();
    }
  }
}

/** Times over voxgrad's of the same size and work. */
function withRatios(cells: readonly Cell[]): Cell[] {
  const own = cells.find(({ engine }) => engine === REFERENCES[0])?.ms;
  return cells.map((cell) => ({ ...cell, ratio: own && cell.ms ? cell.ms / own : null }));
}

/**
 * Every process that was started is ended when this returns or throws.
 *
 * @param specs voxgrad among them, which makes the weights
 * @throws GpuError if voxgrad does not start; other engines' failures are in their cells
 */
export async function runPeers(
  specs: readonly EngineSpec[],
  options: PeersOptions,
): Promise<Omit<PeersReport, 'date' | 'command'>> {
  const { folder, sizes, threads, signal } = options;
  const seats = specs.map((spec) => new Seat(spec, options));
  const stopAll = (): Promise<unknown> => Promise.all(seats.map((seat) => seat.stop()));
  signal?.addEventListener('abort', stopAll);
  try {
    const engines = await roll(seats, options);
    const own = engines.find(({ name }) => name === REFERENCES[0]);
    if (!own || own.error !== undefined) {
      throw new GpuError(
        `runPeers: voxgrad does not start, and the others are measured by it. Got: ${own?.error}. Run voxgrad doctor.`,
      );
    }
    await seats.find(({ spec }) => spec.name === own.name)!.prepare();
    const cells: Cell[] = [];
    for (const size of sizes) {
      await writeInputs(folder, size);
      const failures = new Map(
        engines.flatMap(({ name, error }) => (error === undefined ? [] : [[name, error]])),
      );
      await loadAll(seats, size, failures, options);
      for (const work of WORKS) {
        const players = seats.filter(({ spec }) => work === 'forward' || spec.trains);
        const note = (text: string): void => options.note?.(`${size.join('x')} ${work}: ${text}`);
        const column = await runColumn(players, size, work, failures, {
          ...options,
          note,
          references: REFERENCES,
        });
        cells.push(...withRatios(column));
        // What has failed once is not tried on more work of that size.
        for (const { engine, error } of column) if (error) failures.set(engine, error);
      }
    }
    const processor = cpus()[0]?.model.trim() ?? 'unknown';
    return { adapter: own.adapter ?? 'unknown', processor, threads, engines, cells };
  } finally {
    signal?.removeEventListener('abort', stopAll);
    await stopAll();
  }
}
