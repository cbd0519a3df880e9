/** One column of the table: every engine's results are compared, then they take turns. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Triple } from '../../src/shape.ts';
import { summarise } from '../statistics.ts';
import { type Difference, differenceOf } from './differences.ts';
import type { Cell } from './report.ts';
import type { Seat } from './seat.ts';
import { readTensors, type Tensors } from './tensor_file.ts';
import type { Work } from './workload.ts';

export interface TurnOptions {
  readonly folder: string;
  /** Rounds end at `maxRounds`, or when `budgetMs` are over and `minRounds` done. */
  readonly minRounds: number;
  readonly maxRounds: number;
  readonly budgetMs: number;
  /** Between two runs, so that threads of the last one are asleep. */
  readonly pauseMs: number;
  /** Engines whose results count as right, in this order. */
  readonly references: readonly string[];
  /** Hears what runs. */
  readonly note?: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

interface Player {
  readonly seat: Seat;
  readonly times: number[];
  firstMs: number | undefined;
  results: Tensors | undefined;
  error: string | undefined;
}

const nameOf = ({ seat }: Player): string => seat.spec.name;

/** A failed engine is stopped: what it holds would slow the others. */
async function attempt(
  player: Player,
  note: string,
  options: TurnOptions,
  work: () => Promise<void>,
): Promise<void> {
  if (player.error !== undefined) return;
  options.signal?.throwIfAborted();
  options.note?.(`${nameOf(player)}, ${note}`);
  try {
    await work();
  } catch (error) {
    options.signal?.throwIfAborted();
    player.error = (error as Error).message;
    await player.seat.stop();
  }
}

/** Compiles, runs for the first time, and reads the results. */
async function firstRun(player: Player, work: Work, { folder }: TurnOptions): Promise<void> {
  const file = join(folder, `${nameOf(player)}.safetensors`);
  player.firstMs = await player.seat.run(work, file);
  player.results = await readTensors(file);
  await rm(file);
}

async function takeTurns(players: readonly Player[], work: Work, options: TurnOptions) {
  const { minRounds, maxRounds, budgetMs, pauseMs } = options;
  const started = performance.now();
  for (let round = 0; round < maxRounds; round++) {
    if (round >= minRounds && performance.now() - started > budgetMs) break;
    for (const player of players) {
      await attempt(player, `round ${round + 1}`, options, async () => {
        await pause(pauseMs);
        player.times.push(await player.seat.run(work));
      });
    }
  }
}

function differencesOf(player: Player, players: readonly Player[], references: readonly string[]) {
  const differences: Record<string, Difference> = {};
  for (const name of references) {
    const expected = players.find((other) => nameOf(other) === name)?.results;
    if (!player.results || !expected || nameOf(player) === name) continue;
    differences[name] = differenceOf(player.results, expected);
  }
  return differences;
}

/** Whether nothing that was compared is wrong. voxgrad alone has nothing to be compared with. */
const isRight = (differences: Readonly<Record<string, Difference>>): boolean | null => {
  const all = Object.values(differences);
  return all.length > 0 ? all.every(({ wrong }) => wrong.length === 0) : null;
};

/**
 * One cell per seat, without ratios.
 *
 * @param seats with weights and inputs of `size` loaded
 * @param failures why a seat is out already, by name
 */
export async function runColumn(
  seats: readonly Seat[],
  size: Triple,
  work: Work,
  failures: ReadonlyMap<string, string>,
  options: TurnOptions,
): Promise<Cell[]> {
  const players = seats.map(
    (seat): Player => ({
      seat,
      times: [],
      firstMs: undefined,
      results: undefined,
      error: failures.get(seat.spec.name),
    }),
  );
  for (const player of players) {
    await attempt(player, 'first run', options, () => firstRun(player, work, options));
  }
  const compared = players.map((player) => differencesOf(player, players, options.references));
  await takeTurns(players, work, options);
  return players.map((player, index) => {
    const { times, error, firstMs } = player;
    const differences = compared[index]!;
    const summary = error === undefined && times.length > 0 ? summarise(times) : undefined;
    return {
      engine: nameOf(player),
      size,
      work,
      ms: summary?.median ?? null,
      spread: summary?.spread ?? null,
      runs: times.length,
      ratio: null,
      first_ms: firstMs ?? null,
      differences,
      right: isRight(differences),
      ...(error === undefined ? {} : { error }),
    };
  });
}
