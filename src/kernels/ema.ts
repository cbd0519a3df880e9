/** Exponential moving average of weights; the meaning is in `reference/ema.ts`. */
import { ShapeError } from '../errors.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import { sameShape, showShape } from '../shape.ts';

const ELEMENTS_PER_THREAD = 8;

function check(caller: string, a: Tensor, b: Tensor): void {
  if (sameShape(a.shape, b.shape)) return;
  throw new ShapeError(
    `${caller}: shapes differ. Got ${showShape(a.shape)} and ${showShape(b.shape)}. Pass a weight and its own average.`,
  );
}

/**
 * average = decay * average + (1 - decay) * value, in place.
 *
 * @param average of the shape of `value`; its owner stays the same
 * @throws ShapeError if the shapes differ
 */
export function emaStep(scope: Scope, average: Tensor, value: Tensor, decay: number): void {
  check('emaStep', average, value);
  const threads = Math.ceil(value.size / ELEMENTS_PER_THREAD);
  scope.dispatch(wgsl.emaStep, {
    // In double precision here: 1 - decay loses digits in f32.
    params: { count: value.size, threads, one_minus_decay: 1 - decay },
    buffers: { value, average },
    threads,
  });
}

/**
 * Each tensor takes the other's values, bit for bit.
 *
 * @throws ShapeError if the shapes differ
 */
export function emaSwap(scope: Scope, a: Tensor, b: Tensor): void {
  check('emaSwap', a, b);
  const threads = Math.ceil(a.size / ELEMENTS_PER_THREAD);
  const params = { count: a.size, threads };
  scope.dispatch(wgsl.emaSwap, { params, buffers: { a, b }, threads });
}
