/** The tutorial's network as a whole: forward pass and training step, verified and timed. */
import { Tape } from '../src/autograd/tape.ts';
import { Variable } from '../src/autograd/variable.ts';
import { GpuError } from '../src/errors.ts';
import type { Gpu } from '../src/gpu/device.ts';
import type { KernelTime } from '../src/gpu/profile.ts';
import type { Scope } from '../src/gpu/scope.ts';
import type { Tensor } from '../src/gpu/tensor.ts';
import { worstDifference } from '../src/kernels/tuning/difference.ts';
import { DiceCELoss } from '../src/nn/dice_ce_loss.ts';
import { UNet } from '../src/nn/unet.ts';
import { Rng } from '../src/rng.ts';
import { product, type Triple } from '../src/shape.ts';
import { Adam } from '../src/train/adam.ts';
import { gradientError } from './gradient_check.ts';
import { resultsOf } from './harness.ts';
import { noise } from './inputs.ts';
import { networkFlops, TUTORIAL, unetLayers } from './layers.ts';
import { naiveUnet } from './naive_unet.ts';
import type { NetworkRow } from './report.ts';
import { summarise } from './statistics.ts';
import type { TimingOptions } from './timing.ts';

/** Of the largest logit, after some twenty layers of float32. */
const LOGIT_TOLERANCE = 1e-3;
/** Of the change that the gradient predicts. */
const GRADIENT_TOLERANCE = 0.01;
const RATE = { lr: 1e-4, momentum: 0.9 };

export interface NetworkCase {
  readonly shape: Triple;
  readonly batch: number;
}

const loss = new DiceCELoss();

/** Image of sample `n`, the same in every batch. */
const image = (shape: Triple, n: number): Float32Array => noise(product(shape), 100 + n);

function uploadBatch(scope: Scope, { shape, batch }: NetworkCase): { x: Tensor; target: Tensor } {
  const voxels = product(shape);
  const images = new Float32Array(batch * voxels);
  for (let n = 0; n < batch; n++) images.set(image(shape, n), n * voxels);
  const labels = Uint32Array.from(images, (value) => (value > 0.9 ? 1 : 0));
  return {
    x: scope.upload(images, [batch, 1, ...shape], 'bench.image'),
    target: scope.upload(labels, [batch, 1, ...shape], 'bench.label'),
  };
}

function inferLogits(scope: Scope, model: UNet, x: Tensor): Tensor {
  using tape = new Tape(scope.gpu, { recording: false }, scope);
  return tape.keep(model.forward(tape, new Variable(x)).value);
}

/** The first sample against the naive network, the others against a batch of their own. */
async function checkForward(gpu: Gpu, model: UNet, x: Tensor, { shape, batch }: NetworkCase) {
  const [logits] = await resultsOf(gpu, (scope) => [inferLogits(scope, model, x)]);
  const parameters = new Map(
    model.namedParameters().map(({ name, parameter }) => [name, parameter.value]),
  );
  const size = logits!.length / batch;
  for (let n = 0; n < batch; n++) {
    const [expected] = await resultsOf(gpu, (scope) => {
      const alone = scope.upload(image(shape, n), [1, 1, ...shape]);
      return [
        n === 0
          ? naiveUnet(scope, unetLayers(shape), parameters, alone)
          : inferLogits(scope, model, alone),
      ];
    });
    const worst = worstDifference(logits!.subarray(n * size, (n + 1) * size), expected!);
    if (worst <= LOGIT_TOLERANCE) continue;
    throw new GpuError(
      `wrong: the logits of sample ${n} are off by ${worst.toExponential(1)} of the largest, allowed is ${LOGIT_TOLERANCE}`,
    );
  }
}

async function checkGradients(gpu: Gpu, model: UNet, x: Tensor, target: Tensor): Promise<void> {
  const parameters = model.namedParameters();
  const lossAt = async (): Promise<number> => {
    using tape = new Tape(gpu, { recording: false });
    const value = loss.forward(tape, model.forward(tape, new Variable(x)), target);
    return (await gpu.read(value.value))[0]!;
  };
  const gradients: Float32Array[] = [];
  {
    using tape = new Tape(gpu);
    tape.backward(loss.forward(tape, model.forward(tape, new Variable(x)), target));
    for (const { parameter } of parameters) {
      gradients.push(
        parameter.grad ? await gpu.read(parameter.grad) : new Float32Array(parameter.value.size),
      );
      parameter.grad = undefined;
    }
  }
  const error = await gradientError(gpu, parameters, gradients, lossAt);
  if (error <= GRADIENT_TOLERANCE) return;
  throw new GpuError(
    `wrong: a step along the gradient changes the loss otherwise than predicted, by ${(100 * error).toFixed(1)} %, allowed are ${100 * GRADIENT_TOLERANCE} %`,
  );
}

/** Runs once more with every kernel timed; empty without timestamps. */
async function profiled(gpu: Gpu, run: () => void): Promise<KernelTime[]> {
  return gpu.device.features.has('timestamp-query') ? gpu.profile(run) : [];
}

/** By shader name; conservative, as the second stage of a weight gradient counts as another kernel. */
export function nonConvolutionShare(kernels: readonly KernelTime[]): number | null {
  const total = kernels.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  if (total === 0) return null;
  const others = kernels.filter(({ name }) => !/^conv(_transpose)?3d_/.test(name));
  return others.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / total;
}

/** What a training step cannot do without: see `NetworkRow.base_bytes`. */
export function baseBytes({ shape, batch }: NetworkCase): number {
  const layers = unetLayers(shape);
  const parameters = layers.reduce(
    (sum, { kernel, inChannels, outChannels }) =>
      sum + (inChannels * kernel ** 3 + 1) * outChannels,
    0,
  );
  const outputs = layers.reduce((sum, layer) => sum + layer.outChannels * product(layer.output), 0);
  return 4 * (4 * parameters + batch * outputs);
}

type Measured = Omit<NetworkRow, 'name' | 'shape' | 'batch' | 'what' | 'base_bytes' | 'error'>;

const NOTHING: Measured = {
  ms: null,
  spread: null,
  gflops: null,
  percent_of_ceiling: null,
  non_convolution_share: null,
  peak_bytes: null,
  dispatches: null,
  submits: null,
  bytes_moved: null,
  kernels: [],
};

async function measure(
  gpu: Gpu,
  run: () => void,
  flops: number,
  { minRuns, maxRuns, budgetMs, signal }: TimingOptions,
): Promise<Measured> {
  run();
  await gpu.sync();
  const before = gpu.counts;
  gpu.pool.resetPeak();
  const started = performance.now();
  const times: number[] = [];
  while (
    times.length < minRuns ||
    (times.length < maxRuns && performance.now() - started < budgetMs)
  ) {
    signal?.throwIfAborted();
    const begun = performance.now();
    run();
    await gpu.sync();
    times.push(performance.now() - begun);
  }
  const after = gpu.counts;
  const perRun = (key: keyof typeof after): number => (after[key] - before[key]) / times.length;
  const peak = gpu.pool.peakBytes;
  const kernels = await profiled(gpu, run);
  const { median: ms, spread } = summarise(times);
  return {
    ...NOTHING,
    ms,
    spread,
    gflops: flops / (1e6 * ms),
    non_convolution_share: nonConvolutionShare(kernels),
    peak_bytes: peak,
    dispatches: perRun('dispatches'),
    submits: perRun('submits'),
    bytes_moved: perRun('bytes'),
    kernels,
  };
}

/** The tutorial's network with fixed random weights. */
export function benchNetwork(gpu: Gpu): UNet {
  return new UNet(gpu, Rng.seed(1), TUTORIAL);
}

/**
 * One row, without `percent_of_ceiling`, verified first: the logits against the naive network, or
 * the gradients of a training step against the change of the loss, which trusts a forward pass that
 * was verified before. Images and labels are on the GPU before the clock starts.
 *
 * @throws GpuError, or what else went wrong; the caller makes it a row
 */
export async function runNetwork(
  gpu: Gpu,
  model: UNet,
  bench: NetworkCase,
  what: NetworkRow['what'],
  timing: TimingOptions,
): Promise<NetworkRow> {
  using scope = gpu.scope();
  const { x, target } = uploadBatch(scope, bench);
  const flops = networkFlops(bench.shape, bench.batch, what);
  if (what === 'forward') {
    await checkForward(gpu, model, x, bench);
    const run = (): void => {
      using tape = new Tape(gpu, { recording: false });
      model.forward(tape, new Variable(x));
    };
    return { ...networkRow(bench, what), ...(await measure(gpu, run, flops, timing)) };
  }
  await checkGradients(gpu, model, x, target);
  const adam = new Adam(gpu, model.namedParameters());
  try {
    const run = (): void => {
      using tape = new Tape(gpu);
      tape.backward(loss.forward(tape, model.forward(tape, new Variable(x)), target));
      adam.step(tape, RATE);
    };
    return { ...networkRow(bench, what), ...(await measure(gpu, run, flops, timing)) };
  } finally {
    adam.dispose();
  }
}

/** A row without numbers, for what is still to be measured or failed. */
export function networkRow(bench: NetworkCase, what: NetworkRow['what']): NetworkRow {
  const { shape, batch } = bench;
  const base_bytes = what === 'training_step' ? baseBytes(bench) : null;
  return { name: 'unet', shape: [...shape], batch, what, ...NOTHING, base_bytes };
}
