/** Runs checks on an adapter: the self-check of `voxgrad doctor` and of the kernel lab. */
import type { Gpu } from '../../src/gpu/device.ts';
import type { Precision } from '../../src/gpu/shader.ts';
import type { Launch } from '../case.ts';
import { allChecks } from './all.ts';
import { type Check, Inputs } from './check.ts';
import { type Difference, differenceOf, differenceText, farther } from './difference.ts';
import { PoisonedScope } from './poisoned_scope.ts';

export interface CheckResult {
  /** Op and pass, and `f16` where activations were stored so: `conv3d backward_weight`. */
  readonly op: string;
  /** Sizes that it ran on. */
  readonly cases: number;
  /** Largest difference over the largest value in any of them; null when a kernel failed. */
  readonly worst: number | null;
  /** What is allowed where that occurred. */
  readonly tolerance: number;
  readonly ok: boolean;
  /** What is wrong, with the size. */
  readonly error?: string;
}

/** Storing in half precision rounds to 11 bits, at most twice. */
const HALF_TOLERANCE = 2 ** -10;

/** What a check allows with activations of `precision`. */
export const toleranceOf = ({ tolerance }: Check, precision: Precision): number =>
  precision === 'f16' ? tolerance + HALF_TOLERANCE : tolerance;

/** Compares all results of one launch in poisoned memory; the farthest counts. */
export async function differenceOfLaunch(
  gpu: Gpu,
  launch: Launch,
  expected: readonly ArrayLike<number>[],
): Promise<Difference> {
  using scope = new PoisonedScope(gpu);
  const tensors = launch(scope);
  const differences: Difference[] = [];
  for (const [n, values] of expected.entries()) {
    const tensor = tensors[n];
    differences.push(differenceOf(tensor ? await gpu.read(tensor) : [], values));
  }
  return differences.reduce(farther);
}

/** One check as the library runs it. @throws GpuError, ShaderError what the GPU says */
export async function runCheck(gpu: Gpu, check: Check, precision: Precision): Promise<Difference> {
  using scope = gpu.scope();
  const { variants, expected } = check.setUp(new Inputs(scope, precision));
  return await differenceOfLaunch(gpu, variants.shipped, expected());
}

export interface RunOptions {
  /** Default: every op on every adversarial shape. */
  readonly checks?: readonly Check[];
  /** Gets the result of each pass of an op as soon as it is known, with passes done and in all. */
  readonly onResult?: (result: CheckResult, done: number, total: number) => Promise<void> | void;
  readonly signal?: AbortSignal | undefined;
}

interface Pass {
  readonly op: string;
  readonly precision: Precision;
  readonly checks: Check[];
}

function passesOf(gpu: Gpu, checks: readonly Check[]): Pass[] {
  const half = gpu.device.features.has('shader-f16');
  const passes = new Map<string, Pass>();
  for (const check of checks) {
    if (check.needs && !gpu.device.features.has(check.needs)) continue;
    for (const precision of half && check.half ? (['f32', 'f16'] as const) : (['f32'] as const)) {
      const op = [check.op, check.pass, ...(precision === 'f16' ? ['f16'] : [])].join(' ');
      const pass = passes.get(op) ?? { op, precision, checks: [] };
      passes.set(op, pass);
      pass.checks.push(check);
    }
  }
  return [...passes.values()];
}

/**
 * One result per pass of an op, over all its sizes. A GPU that has failed once says so for ever: the
 * next pass gets a new one.
 *
 * @param openGpu a device of its own at each call
 * @throws the signal's reason when it is aborted; what `openGpu` throws
 */
export async function runChecks(
  openGpu: () => Promise<Gpu>,
  { checks = allChecks(), onResult, signal }: RunOptions = {},
): Promise<CheckResult[]> {
  let gpu = await openGpu();
  const results: CheckResult[] = [];
  try {
    const passes = passesOf(gpu, checks);
    for (const { op, precision, checks: sizes } of passes) {
      let result: CheckResult = { op, cases: sizes.length, worst: 0, tolerance: 0, ok: true };
      for (const check of sizes) {
        signal?.throwIfAborted();
        const tolerance = toleranceOf(check, precision);
        const error = (text: string) => ({ ok: false, error: `${check.title}: ${text}` });
        try {
          const difference = await runCheck(gpu, check, precision);
          const { worst } = difference;
          if (worst === null || worst > tolerance) {
            result = { ...result, worst, tolerance, ...error(differenceText(difference)) };
            break;
          }
          if (worst >= result.worst!) result = { ...result, worst, tolerance };
        } catch (thrown) {
          gpu.destroy();
          gpu = await openGpu();
          result = { ...result, worst: null, tolerance, ...error((thrown as Error).message) };
          break;
        }
      }
      results.push(result);
      await onResult?.(result, results.length, passes.length);
    }
  } finally {
    gpu.destroy();
  }
  return results;
}
