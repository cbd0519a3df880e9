/** Compile, verify, time: one press of the kernel lab's button. */
import type { Gpu } from '../../src/gpu/device.ts';
import type { Precision } from '../../src/gpu/shader.ts';
import type { Launch } from '../case.ts';
import { type Check, Inputs } from '../checks/check.ts';
import type { Difference } from '../checks/difference.ts';
import { differenceOfLaunch, toleranceOf } from '../checks/run.ts';
import { resultsOf } from '../harness.ts';
import type { Summary } from '../statistics.ts';
import { type TimingOptions, timeInTurns } from '../timing.ts';
import { type CompilerMessage, compileEdits } from './compile.ts';
import { describeLaunch } from './describe.ts';
import { EditedScope, type Edits } from './edited_scope.ts';

export interface ExperimentRequest {
  readonly check: Check;
  readonly variant: string;
  readonly precision: Precision;
  readonly edits: Edits;
  /** Default: 5 to 15 runs within half a second each. */
  readonly timing?: TimingOptions;
}

export interface Timed extends Summary {
  readonly gflops: number | null;
  readonly gbps: number;
}

export interface ExperimentResult {
  readonly messages: readonly CompilerMessage[];
  /** What the result is compared with. */
  readonly oracle: 'plain loops' | 'naive kernel';
  /** Null if it could not be computed; `error` says why. */
  readonly difference: Difference | null;
  readonly tolerance: number;
  readonly ok: boolean;
  readonly error?: string;
  /** Medians in milliseconds, taken in turns; null for a kernel that is wrong. */
  readonly yours: Timed | null;
  readonly shipped: Timed | null;
}

const TIMING: TimingOptions = { minRuns: 5, maxRuns: 15, budgetMs: 500 };

/** Products from which the plain loops take too long, and the naive kernel stands for them. */
const PLAIN_FLOPS = 4e8;

/**
 * A kernel that does not compile, fails or is wrong gets no time. After an `error` the GPU is spent:
 * it says the same for ever.
 *
 * @returns never throws for what a text may do; the signal's reason when it is aborted
 */
export async function runExperiment(
  gpu: Gpu,
  { check, variant, precision, edits, timing = TIMING }: ExperimentRequest,
): Promise<ExperimentResult> {
  const tolerance = toleranceOf(check, precision);
  const { dispatched } = describeLaunch(gpu, check, variant, precision);
  const messages = await compileEdits(gpu, dispatched, edits, precision);
  const result: ExperimentResult = {
    messages,
    oracle: 'plain loops',
    difference: null,
    tolerance,
    ok: false,
    yours: null,
    shipped: null,
  };
  if (messages.some(({ type }) => type === 'error')) {
    return { ...result, error: 'The text does not compile.' };
  }
  try {
    return await verifyAndTime(gpu, { check, variant, precision, edits, timing }, result);
  } catch (error) {
    timing.signal?.throwIfAborted();
    return { ...result, error: (error as Error).message };
  }
}

async function verifyAndTime(
  gpu: Gpu,
  { check, variant, precision, edits, timing }: Required<ExperimentRequest>,
  result: ExperimentResult,
): Promise<ExperimentResult> {
  using scope = gpu.scope();
  const inputs = new Inputs(scope, precision);
  const { variants, expected } = check.setUp(inputs);
  const plain = variants[variant] ?? variants.shipped;
  const mine: Launch = (outer) => plain(new EditedScope(outer, { edits }));
  const { naive } = variants;
  const byKernel = naive !== undefined && check.flops > PLAIN_FLOPS;
  const right = byKernel ? await resultsOf(gpu, naive) : expected();
  const difference = await differenceOfLaunch(gpu, mine, right);
  const ok = difference.worst !== null && difference.worst <= result.tolerance;
  const judged: ExperimentResult = {
    ...result,
    difference,
    ok,
    oracle: byKernel ? 'naive kernel' : 'plain loops',
  };
  if (!ok) return judged;
  const bytes = inputs.bytes + resultBytes(gpu, plain);
  const timed = (summary: Summary): Timed => ({
    ...summary,
    gflops: check.flops > 0 ? check.flops / (1e6 * summary.median) : null,
    gbps: bytes / (1e6 * summary.median),
  });
  const [yours, shipped] = await timeInTurns(gpu, [mine, variants.shipped], timing);
  return { ...judged, yours: timed(yours!), shipped: timed(shipped!) };
}

/** Every tensor of the op read or written once: what it cannot do without. */
function resultBytes(gpu: Gpu, launch: Launch): number {
  using scope = gpu.scope();
  return launch(scope).reduce((sum, tensor) => sum + tensor.bytes, 0);
}
