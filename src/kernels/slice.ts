/** Slicing launchers; the meaning is in `reference/slice.ts`. */
import { ShapeError } from '../errors.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import { sameShape, showShape, stridesOf } from '../shape.ts';

/** `start:stop:step` of one axis as in Python: negative numbers count from the end. */
export interface SliceRange {
  /** Default 0. */
  readonly start?: number;
  /** Exclusive. Default: the end. */
  readonly stop?: number;
  /** At least 1. Default 1. */
  readonly step?: number;
}

/** One range per axis; null, and an axis without a range, take everything. */
export type SliceRanges = readonly (SliceRange | null)[];

interface AxisSlice {
  readonly start: number;
  readonly step: number;
  readonly size: number;
}

const MAX_AXES = 5;

const clamp = (value: number, size: number): number => {
  const index = value < 0 ? value + size : value;
  return Math.min(Math.max(index, 0), size);
};

/**
 * What the ranges take of each axis.
 *
 * @throws ShapeError for more than 5 axes, more ranges than axes, a step below 1, or an axis of which nothing is left
 */
export function sliceAxes(shape: readonly number[], ranges: SliceRanges): AxisSlice[] {
  if (shape.length > MAX_AXES || ranges.length > shape.length) {
    throw new ShapeError(
      `sliceAxes: too many axes. Got ${ranges.length} ranges for ${showShape(shape)}. Pass at most one range per axis, of at most ${MAX_AXES}.`,
    );
  }
  return shape.map((length, axis) => {
    const { start = 0, stop = length, step = 1 } = ranges[axis] ?? {};
    const whole = [start, stop, step].every(Number.isInteger);
    const first = clamp(start, length);
    const size = Math.ceil((clamp(stop, length) - first) / step);
    if (!whole || step < 1 || size < 1) {
      throw new ShapeError(
        `sliceAxes: nothing is left of axis ${axis}. Got ${start}:${stop}:${step} of ${showShape(shape)}. Pass whole numbers with start < stop and step >= 1.`,
      );
    }
    return { start: first, step, size };
  });
}

/** Five axes, leading ones of size 1. */
const toFive = (values: readonly number[], filler: number): number[] => [
  ...new Array<number>(MAX_AXES - values.length).fill(filler),
  ...values,
];

/**
 * Every step-th index of each axis, copied. PyTorch and NumPy `x[a:b:c, ...]`.
 *
 * @param x up to 5 axes
 * @returns y, owned by `scope`
 * @throws ShapeError for ranges that do not fit, see `sliceAxes`
 */
export function sliceForward(scope: Scope, x: Tensor, ranges: SliceRanges): Tensor {
  const axes = sliceAxes(x.shape, ranges);
  const rows = stridesOf(x.shape);
  const y = scope.tensor(
    axes.map(({ size }) => size),
    'sliceForward.y',
    x.dtype,
  );
  const sizes = toFive(y.shape, 1);
  const strides = toFive(
    axes.map(({ step }, axis) => step * rows[axis]!),
    0,
  );
  scope.dispatch(wgsl.sliceForward, {
    params: {
      count: y.size,
      size1: sizes[1]!,
      size2: sizes[2]!,
      size3: sizes[3]!,
      size4: sizes[4]!,
      base: axes.reduce((sum, { start }, axis) => sum + start * rows[axis]!, 0),
      stride0: strides[0]!,
      stride1: strides[1]!,
      stride2: strides[2]!,
      stride3: strides[3]!,
      stride4: strides[4]!,
    },
    buffers: { x, y },
    threads: y.size,
  });
  return y;
}

/**
 * The gradient of the same: dy where the slice took the element, 0 elsewhere.
 *
 * @param shape of x
 * @returns dx of that shape, owned by `scope`
 * @throws ShapeError for ranges that do not fit, or dy unlike y
 */
export function sliceBackward(
  scope: Scope,
  dy: Tensor,
  shape: readonly number[],
  ranges: SliceRanges,
): Tensor {
  const axes = sliceAxes(shape, ranges);
  const sizes = axes.map(({ size }) => size);
  if (!sameShape(dy.shape, sizes)) {
    throw new ShapeError(
      `sliceBackward: dy is not like y. Got dy ${showShape(dy.shape)} for a slice ${showShape(sizes)} of ${showShape(shape)}. Pass dy like y.`,
    );
  }
  const dx = scope.tensor(shape, 'sliceBackward.dx', dy.dtype);
  const x = toFive(shape, 1);
  const y = toFive(sizes, 1);
  const start = toFive(
    axes.map((axis) => axis.start),
    0,
  );
  const step = toFive(
    axes.map((axis) => axis.step),
    1,
  );
  scope.dispatch(wgsl.sliceBackward, {
    params: {
      count: dx.size,
      y_size0: y[0]!,
      start0: start[0]!,
      step0: step[0]!,
      x_size1: x[1]!,
      y_size1: y[1]!,
      start1: start[1]!,
      step1: step[1]!,
      x_size2: x[2]!,
      y_size2: y[2]!,
      start2: start[2]!,
      step2: step[2]!,
      x_size3: x[3]!,
      y_size3: y[3]!,
      start3: start[3]!,
      step3: step[3]!,
      x_size4: x[4]!,
      y_size4: y[4]!,
      start4: start[4]!,
      step4: step[4]!,
    },
    buffers: { dy, dx },
    threads: dx.size,
  });
  return dx;
}
