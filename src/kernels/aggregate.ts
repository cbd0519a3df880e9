/** Launchers that blend overlapping patches; the meaning is in `reference/aggregate.ts`. */
import { ShapeError } from '../errors.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import { product, showShape, type Triple } from '../shape.ts';

export interface AggregateAddOptions {
  /** Which of the patches. */
  readonly sample: number;
  /** Voxels to add along each axis. */
  readonly box: Triple;
  /** First of them in the patch. */
  readonly from: Triple;
  /** Where that goes in the slab. */
  readonly to: Triple;
  /** Axes along which the patch is mirrored, 0 is i; the weight is not. Default: none. */
  readonly mirror?: readonly number[];
  /** No weight is smaller. Default 0. */
  readonly least?: number;
}

/**
 * Adds a box of one patch, weighted, to the sums of a slab, in place; the weights themselves to the
 * last channel.
 *
 * @param sums    [C + 1, rows, J, K]
 * @param patches [N, C, pi, pj, pk], or one of them
 * @param window  pi + pj + pk values: the weight of a voxel is the product of its three
 * @throws ShapeError if the tensors do not fit each other, or the box reaches outside patch or slab
 * @see TorchIO GridAggregator, MONAI sliding_window_inference
 */
export function aggregateAdd(
  scope: Scope,
  sums: Tensor,
  patches: Tensor,
  window: Tensor,
  { sample, box, from, to, mirror = [], least = 0 }: AggregateAddOptions,
): void {
  const [samples, channels, ...patch] = (
    patches.shape.length === 4 ? [1, ...patches.shape] : patches.shape
  ) as [number, number, ...number[]];
  const [planes, ...slab] = sums.shape as [number, ...number[]];
  const outside = box.some(
    (size, axis) => from[axis]! + size > patch[axis]! || to[axis]! + size > slab[axis]!,
  );
  const sum = patch.reduce((total, size) => total + size, 0);
  if (outside || planes !== channels + 1 || window.size !== sum || sample >= samples) {
    throw new ShapeError(
      `aggregateAdd: the patch does not fit. Got ${showShape(box)} voxels from ${showShape(from)} of patch ${sample} of ${showShape(patches.shape)} to ${showShape(to)} of ${showShape(sums.shape)}, with ${window.size} weights. Pass a box inside both, [C+1,rows,J,K] and pi+pj+pk weights.`,
    );
  }
  const threadsK = Math.ceil(box[2] / wgsl.aggregateAdd.consts.VOXELS);
  const count = box[0] * box[1] * threadsK;
  const mirrored = [0, 1, 2].map((axis) => (mirror.includes(axis) ? 1 : 0));
  scope.dispatch(wgsl.aggregateAdd, {
    params: {
      count,
      channels,
      sample,
      box_j: box[1],
      box_k: box[2],
      threads_k: threadsK,
      patch_i: patch[0]!,
      patch_j: patch[1]!,
      patch_k: patch[2]!,
      from_i: from[0],
      from_j: from[1],
      from_k: from[2],
      slab_voxels: product(slab),
      size_j: slab[1]!,
      size_k: slab[2]!,
      to_i: to[0],
      to_j: to[1],
      to_k: to[2],
      mirror_i: mirrored[0]!,
      mirror_j: mirrored[1]!,
      mirror_k: mirrored[2]!,
      least,
    },
    buffers: { patches, window, sums },
    threads: count,
  });
}

/** Classes and voxels of sums. @throws ShapeError without a channel beside the weight */
function layout(name: string, sums: Tensor): { channels: number; voxels: number } {
  const [planes, ...slab] = sums.shape;
  if (planes === undefined || planes < 2) {
    throw new ShapeError(
      `${name}: needs channels and a weight. Got ${showShape(sums.shape)}. Pass [C+1,rows,J,K].`,
    );
  }
  return { channels: planes - 1, voxels: product(slab) };
}

/**
 * Weighted means of what `aggregateAdd` has added.
 *
 * @param sums [C + 1, rows, J, K]
 * @returns [C, rows, J, K], owned by `scope`; not finite where nothing was added
 */
export function aggregateProbabilities(scope: Scope, sums: Tensor): Tensor {
  const { channels, voxels } = layout('aggregateProbabilities', sums);
  const y = scope.tensor([channels, ...sums.shape.slice(1)], 'aggregateProbabilities.y');
  scope.dispatch(wgsl.aggregateProbabilities, {
    params: { count: y.size, voxels },
    buffers: { sums, y },
    threads: y.size,
  });
  return y;
}

/** Classes in a word of `aggregateLabels`: bytes as long as they hold them. */
export function labelsPerWord(channels: number): 1 | 2 | 4 {
  return channels <= 2 ** 8 ? 4 : channels <= 2 ** 16 ? 2 : 1;
}

/**
 * Class of each voxel: that of the largest mean, the lowest of equals; of one channel, 1 where the
 * mean reaches `threshold`.
 *
 * @param sums [C + 1, rows, J, K]
 * @returns u32, `labelsPerWord` classes in each from the lowest bits on, owned by `scope`
 */
export function aggregateLabels(scope: Scope, sums: Tensor, threshold = 0.5): Tensor {
  const { channels, voxels } = layout('aggregateLabels', sums);
  const perWord = labelsPerWord(channels);
  const count = Math.ceil(voxels / perWord);
  const labels = scope.tensor([count], 'aggregateLabels.labels', 'u32');
  scope.dispatch(wgsl.aggregateLabels, {
    params: { count, channels, voxels, per_word: perWord, threshold },
    buffers: { sums, labels },
    threads: count,
  });
  return labels;
}

/** The classes that `aggregateLabels` has packed, of a little-endian machine as all are. */
export function unpackLabels(
  words: Uint32Array<ArrayBuffer>,
  channels: number,
  voxels: number,
): Uint8Array | Uint16Array | Uint32Array {
  const perWord = labelsPerWord(channels);
  const { buffer, byteOffset } = words;
  if (perWord === 4) return new Uint8Array(buffer, byteOffset, voxels);
  return perWord === 2
    ? new Uint16Array(buffer, byteOffset, voxels)
    : new Uint32Array(buffer, byteOffset, voxels);
}
