/** Concatenation launchers; the meaning is in `reference/concat.ts`. */
import { ShapeError } from '../errors.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import { product, sameShape, showShape } from '../shape.ts';

/** A block of channels in a tensor: elements from `offset` on in each sample's `row`. */
interface Block {
  readonly tensor: Tensor;
  readonly row: number;
  readonly offset: number;
}

function copy(scope: Scope, from: Block, to: Block, batch: number, length: number): void {
  const numbers = [length, from.row, from.offset, to.row, to.offset];
  const wide = numbers.every((value) => value % 4 === 0);
  const count = (value: number): number => (wide ? value / 4 : value);
  scope.dispatch(wide ? wgsl.concatCopyVec4 : wgsl.concatCopy, {
    params: {
      count: count(batch * length),
      length: count(length),
      x_row: count(from.row),
      x_offset: count(from.offset),
      y_row: count(to.row),
      y_offset: count(to.offset),
    },
    buffers: { x: from.tensor, y: to.tensor },
    threads: count(batch * length),
  });
}

/** Sizes before `axis`, all in one. */
const outer = (shape: readonly number[], axis: number): number => product(shape.slice(0, axis));

/**
 * The inputs one after the other along `axis`. PyTorch `torch.cat(inputs, dim=axis)`.
 *
 * @param inputs one or more, equal but for their size along `axis`
 * @param axis default 1, the channels
 * @returns like them, with the sum of these sizes; owned by `scope`
 * @throws ShapeError if the inputs do not fit together
 */
export function concatForward(scope: Scope, inputs: readonly Tensor[], axis = 1): Tensor {
  const shapes = inputs.map(({ shape }) => shape);
  const along = (shape: readonly number[], size: number): number[] =>
    shape.map((own, n) => (n === axis ? size : own));
  const first = shapes[0] ?? [];
  const fits = shapes.every((shape) => sameShape(along(shape, 1), along(first, 1)));
  if (first.length <= axis || !fits) {
    throw new ShapeError(
      `concatForward: the inputs must agree on every axis but ${axis}. Got ${shapes.map(showShape).join(', ') || 'no input'}. Pass tensors of one size.`,
    );
  }
  const total = shapes.reduce((sum, shape) => sum + shape[axis]!, 0);
  const y = scope.tensor(along(first, total), 'concatForward.y', inputs[0]!.dtype);
  const batch = outer(y.shape, axis);
  const row = y.size / batch;
  let offset = 0;
  for (const tensor of inputs) {
    const length = tensor.size / batch;
    copy(scope, { tensor, row: length, offset: 0 }, { tensor: y, row, offset }, batch, length);
    offset += length;
  }
  return y;
}

/**
 * The part of dy that belongs to one input.
 *
 * @param dy like y of `concatForward`
 * @param sizes of the inputs along `axis`, in order
 * @param input which of them
 * @param axis default 1, the channels
 * @returns dx like that input, owned by `scope`
 * @throws ShapeError if dy has another size along `axis`
 */
export function concatBackward(
  scope: Scope,
  dy: Tensor,
  sizes: readonly number[],
  input: number,
  axis = 1,
): Tensor {
  const before = (end: number): number => sizes.slice(0, end).reduce((sum, size) => sum + size, 0);
  const own = sizes[input];
  const total = dy.shape[axis];
  if (own === undefined || total === undefined || total !== before(sizes.length)) {
    throw new ShapeError(
      `concatBackward: dy does not hold the inputs. Got dy ${showShape(dy.shape)} for sizes ${showShape(sizes)} along axis ${axis}, input ${input}. Pass dy like y.`,
    );
  }
  const shape = dy.shape.map((size, n) => (n === axis ? own : size));
  const dx = scope.tensor(shape, 'concatBackward.dx', dy.dtype);
  const batch = outer(dy.shape, axis);
  const row = dy.size / batch;
  const inner = row / total;
  const from = { tensor: dy, row, offset: before(input) * inner };
  const length = own * inner;
  copy(scope, from, { tensor: dx, row: length, offset: 0 }, batch, length);
  return dx;
}
