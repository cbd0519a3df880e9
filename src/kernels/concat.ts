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

/**
 * The inputs one after the other along axis 1. PyTorch `torch.cat(inputs, dim=1)`.
 *
 * @param inputs one or more [N, Ci, ...], equal but for Ci
 * @returns [N, sum of Ci, ...], owned by `scope`
 * @throws ShapeError if the inputs do not fit together
 */
export function concatForward(scope: Scope, inputs: readonly Tensor[]): Tensor {
  const shapes = inputs.map(({ shape }) => shape);
  const [batch, , ...spatial] = shapes[0] ?? [];
  const fits = (shape: readonly number[]): boolean =>
    shape.length >= 2 && sameShape([shape[0]!, ...shape.slice(2)], [batch!, ...spatial]);
  if (batch === undefined || !shapes.every(fits)) {
    throw new ShapeError(
      `concatForward: the inputs must agree on every axis but 1. Got ${shapes.map(showShape).join(', ') || 'no input'} [N,C,...]. Pass tensors of one batch and size.`,
    );
  }
  const channels = shapes.reduce((sum, shape) => sum + shape[1]!, 0);
  const y = scope.tensor([batch, channels, ...spatial], 'concatForward.y');
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
 * The channels of dy that belong to one input.
 *
 * @param dy like y of `concatForward`
 * @param channels of the inputs, in order
 * @param input which of them
 * @returns dx like that input, owned by `scope`
 * @throws ShapeError if dy has another number of channels
 */
export function concatBackward(
  scope: Scope,
  dy: Tensor,
  channels: readonly number[],
  input: number,
): Tensor {
  const [batch = 0, total, ...spatial] = dy.shape;
  const before = (end: number): number => channels.slice(0, end).reduce((sum, c) => sum + c, 0);
  const own = channels[input];
  if (own === undefined || total !== before(channels.length)) {
    throw new ShapeError(
      `concatBackward: dy does not hold the channels of the inputs. Got dy ${showShape(dy.shape)} for channels ${showShape(channels)}, input ${input}. Pass dy like y.`,
    );
  }
  const voxels = product(spatial);
  const dx = scope.tensor([batch, own, ...spatial], 'concatBackward.dx');
  const from = { tensor: dy, row: total * voxels, offset: before(input) * voxels };
  copy(scope, from, { tensor: dx, row: own * voxels, offset: 0 }, batch, own * voxels);
  return dx;
}
