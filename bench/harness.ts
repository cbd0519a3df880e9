/**
 * Verify, then time: a kernel whose result differs from the op's naive kernel or reference gets no
 * number. What llm.c's study files do, for every op, pass and layer.
 */
import { GpuError } from '../src/errors.ts';
import type { Gpu } from '../src/gpu/device.ts';
import type { Scope } from '../src/gpu/scope.ts';
import type { Tensor } from '../src/gpu/tensor.ts';
import { fill } from '../src/kernels/fill.ts';
import { worstDifference } from '../src/kernels/tuning/difference.ts';
import type { BenchCase, Launch } from './case.ts';
import type { Row } from './report.ts';
import type { Summary } from './statistics.ts';
import { type TimingOptions, timeInTurns } from './timing.ts';

/** Of the largest value: float32 sums of some hundred thousand products in another order. */
const TOLERANCE = 1e-4;

/**
 * Runs `launch` once and reads its results. Their memory is filled with NaN before it goes back to
 * the pool, where the next kernel may get it: one that writes nothing must not find right values.
 */
export async function resultsOf(
  gpu: Gpu,
  launch: (scope: Scope) => readonly Tensor[],
  inPlace = false,
): Promise<Float32Array[]> {
  using scope = gpu.scope();
  const tensors = launch(scope);
  const results: Float32Array[] = [];
  for (const tensor of tensors) results.push(await gpu.read(tensor));
  if (inPlace) return results;
  for (const tensor of tensors) fill(scope, tensor, Number.NaN);
  return results;
}

/** What is wrong with a variant, as a sentence, or undefined. */
async function fault(
  gpu: Gpu,
  launch: Launch,
  expected: readonly Float32Array[],
  inPlace: boolean | undefined,
): Promise<string | undefined> {
  let results: readonly Float32Array[];
  try {
    results = await resultsOf(gpu, launch, inPlace);
  } catch (error) {
    return (error as Error).message;
  }
  for (const [index, values] of expected.entries()) {
    const worst = worstDifference(results[index] ?? [], values);
    if (worst <= TOLERANCE) continue;
    return `wrong: result ${index} is off by ${worst.toExponential(1)} of its largest value, allowed is ${TOLERANCE}`;
  }
  return undefined;
}

/** The row of a case without times. */
function blankRow(bench: BenchCase, variant: string): Row {
  return {
    op: bench.op,
    pass: bench.pass,
    layer: bench.layer,
    variant,
    kernel: bench.kernel,
    stride: bench.stride,
    in_channels: bench.inChannels,
    out_channels: bench.outChannels,
    shape: [...bench.shape],
    batch: bench.batch,
    ms: null,
    spread: null,
    gflops: null,
    gbps: null,
    percent_of_ceiling: null,
  };
}

function timedRow(row: Row, bench: BenchCase, { median: ms, spread }: Summary): Row {
  const gflops = bench.flops > 0 ? bench.flops / (1e6 * ms) : null;
  return { ...row, ms, spread, gflops, gbps: bench.bytes / (1e6 * ms) };
}

/** The variants of `names` that a case has. */
export const variantsOf = ({ variants }: BenchCase, names: readonly string[]): string[] =>
  names.filter((name) => variants.includes(name));

/**
 * One row per variant, without `percent_of_ceiling`: verified, then timed in turns. A variant that fails gets a row that says why.
 *
 * @throws GpuError if the right results cannot be had
 */
export async function runCase(
  gpu: Gpu,
  bench: BenchCase,
  variants: readonly string[],
  timing: TimingOptions,
): Promise<Row[]> {
  using scope = gpu.scope();
  const workload = bench.setUp(scope);
  const expected = await workload.expected();
  const rows = new Map<string, Row>();
  const sound: { readonly name: string; readonly launch: Launch }[] = [];
  for (const name of variantsOf(bench, variants)) {
    const launch = workload.variants[name];
    if (!launch) {
      throw new GpuError(
        `runCase: a variant is announced but not there. Got '${name}' of ${bench.op}. Add it to setUp.`,
      );
    }
    const error = await fault(gpu, launch, expected, workload.inPlace);
    const row = blankRow(bench, name);
    rows.set(name, error === undefined ? row : { ...row, error });
    if (error === undefined) sound.push({ name, launch });
  }
  const launches = sound.map(({ launch }) => launch);
  const summaries = launches.length > 0 ? await timeInTurns(gpu, launches, timing) : [];
  sound.forEach(({ name }, index) => {
    rows.set(name, timedRow(rows.get(name)!, bench, summaries[index]!));
  });
  return [...rows.values()];
}

/** One row per variant of a case that could not be set up. */
export function failedRows(bench: BenchCase, variants: readonly string[], error: string): Row[] {
  return variantsOf(bench, variants).map((name) => ({ ...blankRow(bench, name), error }));
}
