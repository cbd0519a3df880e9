/** One problem: which of its kernels are right, and which of those is the fastest. */
import type { Problem } from '../../gpu/choices.ts';
import type { Gpu } from '../../gpu/device.ts';
import type { PipelineRequest } from '../../gpu/pipeline_cache.ts';
import type { Scope } from '../../gpu/scope.ts';
import { fill } from '../fill.ts';
import { type ConvInputs, traitsOf, type Variant } from '../variants/variant.ts';
import { faultOf, toleranceOf } from './difference.ts';
import { noiseInputs } from './inputs.ts';
import { LaunchError, timeInTurns } from './timing.ts';
import type { TuningDevice } from './tuning_device.ts';
import { type Timed, type Verdict, verdictOf } from './verdict.ts';
import { type Limits, termsOf, withinLimits } from './work.ts';

/** A kernel that may be chosen. */
export interface Candidate {
  readonly variant: Variant<ConvInputs>;
  readonly kernels: readonly PipelineRequest[];
}

/** Up to these sizes kernels are compared with the naive one, and timed; larger problems are cut. */
const CHECKED = {
  software: { flops: 5e7, elements: 2 ** 21 },
  gpu: { flops: 2e9, elements: 2 ** 23 },
};
const TIMED = {
  software: { flops: 4e8, elements: 2 ** 24 },
  gpu: { flops: 2e10, elements: 2 ** 27 },
};

const limitsOf = (limits: { software: Limits; gpu: Limits }, gpu: Gpu): Limits =>
  gpu.info.isFallbackAdapter ? limits.software : limits.gpu;

export interface Trial {
  /** Kernels are tried here, so that their failures meet nothing else. */
  readonly devices: TuningDevice;
  readonly problem: Problem;
  /** Is told what is wrong with a candidate. */
  readonly onNote: (note: string) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * What a kernel computes from noise. Its tensor is filled with NaN before the pool may hand it to the
 * next kernel: one that writes nothing must not find right values.
 */
async function resultOf(
  gpu: Gpu,
  { run }: Variant<ConvInputs>,
  problem: Problem,
): Promise<Float32Array> {
  using scope = gpu.scope();
  const y = run(scope, noiseInputs(scope, problem), problem.sizes);
  const values = await gpu.read(y);
  fill(scope, y, Number.NaN);
  return values;
}

/** The candidates that suit the small problem and compute there what the naive kernel, the last, does. */
async function soundOf(trial: Trial, candidates: readonly Candidate[]): Promise<Candidate[]> {
  const { devices, problem, onNote, signal } = trial;
  const first = await devices.gpu();
  const small = withinLimits(problem, limitsOf(CHECKED, first));
  const traits = traitsOf(first, problem.dtype);
  const tolerance = toleranceOf(termsOf(small), small.dtype);
  const naive = candidates.at(-1)!;
  // All at once, so that they compile in parallel; which of them fails shows below.
  await first.prepare(candidates.flatMap(({ kernels }) => kernels)).catch(() => undefined);
  const expected = await resultOf(first, naive.variant, small);
  const sound: Candidate[] = [];
  for (const candidate of candidates.slice(0, -1)) {
    signal?.throwIfAborted();
    const { variant, kernels } = candidate;
    if (!variant.suits(traits, small.sizes)) continue;
    try {
      const gpu = await devices.gpu();
      await gpu.prepare(kernels);
      const fault = faultOf(await resultOf(gpu, variant, small), expected, tolerance);
      if (fault === undefined) sound.push(candidate);
      else onNote(`${variant.name} is struck out: ${fault}`);
    } catch (error) {
      onNote(`${variant.name} is struck out: ${(error as Error).message}`);
      await devices.recover();
    }
  }
  return [...sound, naive];
}

/** Times of the candidates; those that cannot be run are struck out. */
async function timesOf(trial: Trial, candidates: readonly Candidate[]): Promise<Timed[]> {
  const { devices, problem, onNote, signal } = trial;
  let racing = candidates;
  for (;;) {
    const gpu = await devices.gpu();
    const shorter = withinLimits(problem, limitsOf(TIMED, gpu));
    using scope = gpu.scope();
    const inputs = noiseInputs(scope, shorter);
    const launches = racing.map(({ variant }) => ({
      name: variant.name,
      launch: (inner: Scope) => variant.run(inner, inputs, shorter.sizes),
    }));
    try {
      return await timeInTurns(gpu, launches, signal);
    } catch (error) {
      if (!(error instanceof LaunchError) || racing.length === 1) throw error;
      onNote(`${error.kernel} is struck out: ${error.message}`);
      racing = racing.filter(({ variant }) => variant.name !== error.kernel);
    }
    await devices.recover();
  }
}

/** What is wrong with the whole problem's result by one kernel, as another computes it. */
async function faultAtSize(
  { devices, problem }: Trial,
  variant: Variant<ConvInputs>,
  judge: Variant<ConvInputs>,
): Promise<string | undefined> {
  const gpu = await devices.gpu();
  const tolerance = toleranceOf(termsOf(problem), problem.dtype);
  const expected = await resultOf(gpu, judge, problem);
  try {
    return faultOf(await resultOf(gpu, variant, problem), expected, tolerance);
  } catch (error) {
    await devices.recover();
    return (error as Error).message;
  }
}

/**
 * Checks every candidate against the naive kernel, then times those that are right. A problem that
 * is too large for the naive kernel is cut for both; then the winner's result on all of it must be
 * that of the default.
 *
 * @param candidates in the order of the registry, at least two; the last is the naive kernel
 * @throws GpuError if not even the naive kernel runs
 * @throws the signal's reason when it is aborted
 */
export async function tuneProblem(
  trial: Trial,
  candidates: readonly Candidate[],
): Promise<Verdict> {
  const { devices, problem, onNote } = trial;
  const sound = await soundOf(trial, candidates);
  // The naive kernel is the slowest where there is another one, and takes the time of all others.
  const racing = sound.length > 2 ? sound.slice(0, -1) : sound;
  let timed = await timesOf(trial, racing);
  const checked = withinLimits(problem, limitsOf(CHECKED, await devices.gpu()));
  for (;;) {
    const verdict = verdictOf(timed);
    const standard = timed[0]!.name;
    if (verdict.name === standard || checked === problem) return verdict;
    const variantOf = (name: string) =>
      racing.find(({ variant }) => variant.name === name)!.variant;
    const fault = await faultAtSize(trial, variantOf(verdict.name), variantOf(standard));
    if (fault === undefined) return verdict;
    onNote(`${verdict.name} is struck out at full size: ${fault}`);
    timed = timed.filter(({ name }) => name !== verdict.name);
  }
}
