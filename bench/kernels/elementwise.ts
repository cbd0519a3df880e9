/** Cases of ops that keep the channels and the size of x: one per kind of activation. */
import { product, type Triple } from '../../src/shape.ts';
import type { BenchCase, Pass, Workload } from '../case.ts';
import type { Layer } from '../layers.ts';

/** A result of a convolution, on which such ops work. */
export interface Activation {
  readonly layer: string;
  readonly channels: number;
  readonly size: Triple;
}

/** The convolutions' results that norm and activation follow, one of each size. */
export function activations(layers: readonly Layer[]): Activation[] {
  const kinds = new Map<string, Activation>();
  for (const { name, outChannels, output } of layers) {
    const key = `${outChannels} ${output}`;
    if (!kinds.has(key)) kinds.set(key, { layer: name, channels: outChannels, size: output });
  }
  return [...kinds.values()];
}

interface Sizes {
  readonly batch: number;
  readonly channels: number;
  readonly voxels: number;
}

/** @param tensors like x that the pass reads or writes  @param setUp gets the shape of x */
export function elementwiseCase(
  { layer, channels, size }: Activation,
  { op, pass, batch, tensors }: { op: string; pass: Pass; batch: number; tensors: number },
  setUp: (scope: Parameters<BenchCase['setUp']>[0], shape: readonly number[], s: Sizes) => Workload,
): BenchCase {
  const shape = [batch, channels, ...size];
  return {
    op,
    pass,
    layer,
    kernel: null,
    stride: null,
    inChannels: channels,
    outChannels: channels,
    shape: size,
    batch,
    flops: 0,
    bytes: 4 * tensors * product(shape),
    variants: ['shipped'],
    setUp: (scope) => setUp(scope, shape, { batch, channels, voxels: product(size) }),
  };
}
