/** The two ceilings of an adapter, measured: float32 multiply-adds in registers, and copying. */
import { GpuError } from '../src/errors.ts';
import type { Gpu } from '../src/gpu/device.ts';
import type { Scope } from '../src/gpu/scope.ts';
import type { Tensor } from '../src/gpu/tensor.ts';
import * as wgsl from '../src/gpu/wgsl.generated.ts';
import { worstDifference } from '../src/kernels/tuning/difference.ts';
import { noise } from './inputs.ts';
import type { Ceilings } from './report.ts';
import { type TimingOptions, timeInTurns } from './timing.ts';

/** Enough to fill the largest GPUs. */
const THREADS = 2 ** 18;
const A = 0.999;
const B = 0.5;
const UNROLLED = 4;

interface Loop {
  readonly name: string;
  /** Multiply-adds per thread and unrolled round. */
  readonly width: number;
  readonly launch: (scope: Scope, y: Tensor, rounds: number) => void;
}

const arguments_ = (y: Tensor, rounds: number) => ({
  params: { count: y.size, rounds, a: A, b: B },
  buffers: { y },
  threads: y.size,
});

const LOOPS: readonly Loop[] = [
  ...[12, 16, 20].map((CHAINS) => ({
    name: `${CHAINS} scalar chains`,
    width: CHAINS,
    launch: (scope: Scope, y: Tensor, rounds: number) =>
      scope.dispatch(wgsl.benchFmaScalar, { ...arguments_(y, rounds), consts: { CHAINS } }),
  })),
  ...[3, 5].map((CHAINS) => ({
    name: `${CHAINS} vec4 chains`,
    width: 4 * CHAINS,
    launch: (scope: Scope, y: Tensor, rounds: number) =>
      scope.dispatch(wgsl.benchFmaVec4, { ...arguments_(y, rounds), consts: { CHAINS } }),
  })),
];

/** What thread `index` of a loop of `width` chains must arrive at; chains beyond stay at their start. */
function expectedSum(index: number, chains: number, width: number, rounds: number): number {
  let sum = 0;
  for (let chain = 0; chain < chains; chain++) {
    let x = (index % 64) / 64 + chain;
    if (chain < width) for (let n = 0; n < UNROLLED * rounds; n++) x = A * x + B;
    sum += x;
  }
  return sum;
}

/** @throws GpuError for a loop that computes something else than it claims */
async function verifyLoop(gpu: Gpu, { name, width, launch }: Loop): Promise<void> {
  using scope = gpu.scope();
  const rounds = 3;
  const y = scope.tensor([128], 'bench.fma');
  launch(scope, y, rounds);
  const expected = Array.from({ length: y.size }, (_, n) => expectedSum(n, 20, width, rounds));
  const worst = worstDifference(await gpu.read(y), expected);
  if (!(worst < 1e-5)) {
    throw new GpuError(
      `measureCeilings: the loop of ${name} is wrong. It is off by ${worst}. Update the graphics driver.`,
    );
  }
}

/** Rounds that make the loop last long enough to be timed. */
async function calibrate(gpu: Gpu, loop: Loop, y: Tensor): Promise<number> {
  let rounds = 8;
  for (;;) {
    const once = { minRuns: 1, maxRuns: 1, budgetMs: 0 };
    const [time] = await timeInTurns(gpu, [(scope) => loop.launch(scope, y, rounds)], once);
    if (time!.median > 8 || rounds >= 2 ** 16) return rounds;
    rounds *= time!.median > 2 ? 2 : 4;
  }
}

async function fmaCeiling(gpu: Gpu, timing: TimingOptions) {
  for (const loop of LOOPS) await verifyLoop(gpu, loop);
  using scope = gpu.scope();
  const y = scope.tensor([THREADS], 'bench.fma');
  const rounds = await calibrate(gpu, LOOPS[0]!, y);
  const launches = LOOPS.map((loop) => (inner: Scope) => loop.launch(inner, y, rounds));
  const times = await timeInTurns(gpu, launches, timing);
  return LOOPS.map(({ name, width }, index) => {
    const { median, spread } = times[index]!;
    return {
      fma_gflops: (2 * UNROLLED * rounds * width * THREADS) / (1e6 * median),
      fma_loop: name,
      fma_spread: spread,
    };
  }).reduce((best, loop) => (loop.fma_gflops > best.fma_gflops ? loop : best));
}

/** Beyond the caches of most machines, and below the smallest binding limit. */
const COPIED_BYTES = 64 * 2 ** 20;

function copy(scope: Scope, x: Tensor, y: Tensor, PER_THREAD: number): void {
  const count = x.size / 4;
  const threads = Math.ceil(count / PER_THREAD);
  scope.dispatch(wgsl.benchCopy, {
    params: { count, threads },
    buffers: { x, y },
    consts: { PER_THREAD },
    threads,
  });
}

/** @throws GpuError for a copy that leaves something out */
async function verifyCopy(gpu: Gpu, share: number): Promise<void> {
  using scope = gpu.scope();
  const values = noise(100_004, 1);
  const x = scope.upload(values, [values.length]);
  const y = scope.upload(new Float32Array(values.length), [values.length]);
  copy(scope, x, y, share);
  if (worstDifference(await gpu.read(y), values) === 0) return;
  throw new GpuError(
    `measureCeilings: the copy of ${share} vec4 per thread is wrong. Some values did not arrive. Update the graphics driver.`,
  );
}

async function copyCeiling(gpu: Gpu, timing: TimingOptions) {
  using scope = gpu.scope();
  const size = COPIED_BYTES / 4;
  const x = scope.upload(noise(size, 1), [size], 'bench.copy.x');
  const y = scope.tensor([size], 'bench.copy.y');
  const shares = [1, 4, 16];
  for (const share of shares) await verifyCopy(gpu, share);
  const launches = shares.map((share) => (inner: Scope) => copy(inner, x, y, share));
  const times = await timeInTurns(gpu, launches, timing);
  return shares
    .map((share, index) => ({
      copy_gbps: (2 * COPIED_BYTES) / (1e6 * times[index]!.median),
      copy_loop: `${share} vec4 per thread`,
      copy_spread: times[index]!.spread,
    }))
    .reduce((best, loop) => (loop.copy_gbps > best.copy_gbps ? loop : best));
}

/**
 * The best median of several loops each; in GFLOP/s (a multiply-add is two) and in GB/s (read plus
 * written).
 *
 * @throws GpuError if a loop computes wrongly
 */
export async function measureCeilings(gpu: Gpu, timing: TimingOptions): Promise<Ceilings> {
  return { ...(await fmaCeiling(gpu, timing)), ...(await copyCeiling(gpu, timing)) };
}
