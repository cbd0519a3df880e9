/** How long kernels take, in turns, so that a machine that slows down does so for all of them. */
import type { Gpu } from '../../gpu/device.ts';
import type { Scope } from '../../gpu/scope.ts';
import type { Timed } from './verdict.ts';

export interface Launchable {
  readonly name: string;
  readonly launch: (scope: Scope) => unknown;
}

/** A kernel that could not be run. */
export class LaunchError extends Error {
  override name = 'LaunchError';
  readonly kernel: string;

  constructor(kernel: string, cause: unknown) {
    super((cause as Error).message, { cause });
    this.kernel = kernel;
  }
}

/** A sample lasts at least so long, as browsers round timestamps to 0.1 ms. Shorter runs are repeated. */
const SAMPLE_MS = 4;
const MAX_REPEATS = 100;
const MAX_ROUNDS = 5;
/** Milliseconds for the rounds of one kernel; three rounds are made in any case. */
const BUDGET_MS = 150;
const MIN_ROUNDS = 3;
/** From a run of so many milliseconds on two rounds have to do. */
const LONG_MS = 300;
/** After the first round a kernel that took so many times as long as the fastest is out. */
const HOPELESS = 1.5;

/** Milliseconds that the GPU works on one launch, averaged over `repeats`. */
async function sample(gpu: Gpu, { name, launch }: Launchable, repeats: number): Promise<number> {
  const work = (): void => {
    for (let n = 0; n < repeats; n++) {
      using scope = gpu.scope();
      launch(scope);
    }
  };
  try {
    if (gpu.device.features.has('timestamp-query')) {
      const kernels = await gpu.profile(work);
      const total = kernels.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
      // Rounded to nothing: let no ratio become infinite.
      return Math.max(total, 1e-4) / repeats;
    }
    await gpu.sync();
    const started = performance.now();
    work();
    await gpu.sync();
    return (performance.now() - started) / repeats;
  } catch (error) {
    throw new LaunchError(name, error);
  }
}

/**
 * Times launches that do the same work and are compiled. The first is the default, and stays to the
 * end however slow it is.
 *
 * @throws LaunchError naming the kernel that failed; the device may be unusable then
 */
export async function timeInTurns(
  gpu: Gpu,
  launches: readonly Launchable[],
  signal?: AbortSignal,
): Promise<Timed[]> {
  const first: number[] = [];
  for (const launch of launches) {
    signal?.throwIfAborted();
    // The clocks of an idle machine need a run to rise.
    if (first.length === 0) await sample(gpu, launch, 1);
    first.push(await sample(gpu, launch, 1));
  }
  const fastest = Math.min(...first);
  const racing = launches
    .map((launch, index) => {
      const ms = first[index]!;
      const repeats = Math.min(MAX_REPEATS, Math.max(1, Math.ceil(SAMPLE_MS / Math.max(ms, 1e-3))));
      return { launch, ms, repeats, samples: [] as number[] };
    })
    .filter(({ ms }, index) => index === 0 || ms <= HOPELESS * fastest);
  if (racing.length === 1) return [{ name: racing[0]!.launch.name, samples: [racing[0]!.ms] }];
  const least = fastest > LONG_MS ? 2 : MIN_ROUNDS;
  const started = performance.now();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (round >= least && performance.now() - started > BUDGET_MS * racing.length) break;
    for (const { launch, repeats, samples } of racing) {
      signal?.throwIfAborted();
      samples.push(await sample(gpu, launch, repeats));
    }
  }
  return racing.map(({ launch, samples }) => ({ name: launch.name, samples }));
}
