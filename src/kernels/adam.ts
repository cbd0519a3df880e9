/** Adam launcher; the meaning is in `reference/adam.ts`. */
import { ConfigError, ShapeError } from '../errors.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import { sameShape, showShape } from '../shape.ts';

const LOADS_PER_THREAD = 8;

export interface AdamTensors {
  /** Updated in place. */
  readonly parameter: Tensor;
  readonly grad: Tensor;
  /** Running mean of the gradient, zeros at first; updated in place. */
  readonly gradAvg: Tensor;
  /** Running mean of its square, zeros at first; updated in place. */
  readonly sqrAvg: Tensor;
  /** [1]; unless it holds 0, the step is skipped. Default: never. */
  readonly overflow?: Tensor | undefined;
}

export interface AdamNumbers {
  readonly lr: number;
  /** The scheduled value of this step. */
  readonly momentum: number;
  /** Default 0.99. */
  readonly sqrMomentum?: number;
  /** Added to the root, outside. Default 1e-5. */
  readonly eps?: number;
  /** Decoupled decay per unit of lr; 0 for biases and norm parameters. Default 0.01. */
  readonly weightDecay?: number;
  /** Number of this step for this parameter, from 1. */
  readonly step: number;
  /** By which the gradient is too large; a power of two costs no digits. Default 1. */
  readonly lossScale?: number;
}

/**
 * One step of fastai's Adam (`optimizer.py: Adam`), in place.
 *
 * Differs from PyTorch's AdamW: other eps and sqrMomentum, and the bias correction
 * 1 - momentum^step takes the current momentum, which one-cycle training changes.
 *
 * @throws ShapeError if the four tensors differ in shape, ConfigError for a step below 1
 */
export function adamStep(
  scope: Scope,
  { parameter, grad, gradAvg, sqrAvg, overflow }: AdamTensors,
  {
    lr,
    momentum,
    sqrMomentum = 0.99,
    eps = 1e-5,
    weightDecay = 0.01,
    step,
    lossScale = 1,
  }: AdamNumbers,
): void {
  for (const [name, tensor] of Object.entries({ grad, gradAvg, sqrAvg })) {
    if (!sameShape(tensor.shape, parameter.shape)) {
      throw new ShapeError(
        `adamStep: ${name} and the parameter differ in shape. Got ${showShape(tensor.shape)} for '${parameter.name}' ${showShape(parameter.shape)}. Pass the tensors of one parameter.`,
      );
    }
  }
  if (!Number.isInteger(step) || step < 1) {
    throw new ConfigError(
      `adamStep: steps are counted from 1. Got step ${step}. Pass the number of this step.`,
    );
  }
  const isWide = parameter.size % 4 === 0;
  const count = isWide ? parameter.size / 4 : parameter.size;
  const threads = Math.ceil(count / LOADS_PER_THREAD);
  scope.dispatch(isWide ? wgsl.adamStepVec4 : wgsl.adamStep, {
    // In double precision here: 1 - momentum^step loses digits in f32.
    params: {
      count,
      threads,
      decay: lr * weightDecay,
      momentum,
      one_minus_momentum: 1 - momentum,
      sqr_momentum: sqrMomentum,
      one_minus_sqr_momentum: 1 - sqrMomentum,
      step_size: lr / (1 - momentum ** step),
      unbias: 1 / (1 - sqrMomentum ** step),
      eps,
      inverse_scale: 1 / lossScale,
      may_skip: overflow ? 1 : 0,
    },
    buffers: {
      parameter,
      gradient: grad,
      grad_avg: gradAvg,
      sqr_avg: sqrAvg,
      overflow: overflow ?? grad,
    },
    threads,
  });
}
