/** How long the GPU takes: timestamps where the adapter has them, else the clock around a sync. */
import type { Gpu } from '../src/gpu/device.ts';
import type { Scope } from '../src/gpu/scope.ts';
import { type Summary, summarise } from './statistics.ts';

export interface TimingOptions {
  /** Runs stop at `maxRuns`, or when `budgetMs` are over and `minRuns` done. */
  readonly minRuns: number;
  readonly maxRuns: number;
  readonly budgetMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * One sample lasts at least this long, as browsers round timestamps to 0.1 ms and clocks of idle
 * machines need time to rise. A shorter launch is repeated and its time divided.
 */
const SAMPLE_MS = 10;
const MAX_REPEATS = 500;

/** Milliseconds that the GPU works on one `launch`, averaged over `repeats`. */
async function sample(
  gpu: Gpu,
  launch: (scope: Scope) => unknown,
  repeats: number,
): Promise<number> {
  const work = (): void => {
    for (let n = 0; n < repeats; n++) {
      using scope = gpu.scope();
      launch(scope);
    }
  };
  if (gpu.device.features.has('timestamp-query')) {
    const kernels = await gpu.profile(work);
    const total = kernels.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    // Rounded to nothing: let no rate become infinite.
    return Math.max(total, 1e-4) / repeats;
  }
  await gpu.sync();
  const started = performance.now();
  work();
  await gpu.sync();
  return (performance.now() - started) / repeats;
}

/**
 * Times launches that do the same work. They take turns, so that a machine that slows down does so
 * for all of them. The first run of each compiles and is not counted.
 *
 * @returns one summary per launch, in milliseconds
 */
export async function timeInTurns(
  gpu: Gpu,
  launches: readonly ((scope: Scope) => unknown)[],
  { minRuns, maxRuns, budgetMs, signal }: TimingOptions,
): Promise<Summary[]> {
  const repeats: number[] = [];
  for (const launch of launches) {
    await sample(gpu, launch, 1);
    const ms = await sample(gpu, launch, 1);
    repeats.push(Math.min(MAX_REPEATS, Math.max(1, Math.ceil(SAMPLE_MS / Math.max(ms, 1e-3)))));
  }
  const samples: number[][] = launches.map(() => []);
  const started = performance.now();
  for (let run = 0; run < maxRuns; run++) {
    if (run >= minRuns && performance.now() - started > budgetMs * launches.length) break;
    for (const [index, launch] of launches.entries()) {
      signal?.throwIfAborted();
      samples[index]!.push(await sample(gpu, launch, repeats[index]!));
    }
  }
  return samples.map(summarise);
}
