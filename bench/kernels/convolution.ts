/** Cases that both kinds of convolution share: three passes over each of a network's layers. */
import type { Scope } from '../../src/gpu/scope.ts';
import type { Tensor } from '../../src/gpu/tensor.ts';
import { product } from '../../src/shape.ts';
import type { BenchCase, Launch, Pass } from '../case.ts';
import { resultsOf } from '../harness.ts';
import { noise } from '../inputs.ts';
import { type Layer, layerFlops } from '../layers.ts';

/** Everything that a pass may read. */
export interface Inputs {
  readonly x: Tensor;
  readonly weight: Tensor;
  readonly bias: Tensor;
  readonly dy: Tensor;
}

type ConvolutionPass = Exclude<Pass, 'backward'>;
type Kernel = (scope: Scope, inputs: Inputs, layer: Layer) => Tensor;

/** `naive` is the judge of all others. */
export type Kernels = Readonly<Record<ConvolutionPass, Readonly<Record<string, Kernel>>>>;

/** What of x, weight and dy a pass reads and writes; the bias is small, but read all the same. */
function bytesOf(pass: ConvolutionPass, x: number, weight: number, bias: number, dy: number) {
  return 4 * (x + weight + dy + (pass === 'forward' ? bias : 0));
}

const PASSES = ['forward', 'backward_input', 'backward_weight'] as const;

/** One case per pass over `layer`. @param weightShape of the layer's weight */
export function convolutionCases(
  layer: Layer,
  batch: number,
  weightShape: readonly number[],
  kernels: Kernels,
): BenchCase[] {
  const { op, name, kernel, stride, inChannels, outChannels, input, output } = layer;
  const xShape = [batch, inChannels, ...input];
  const yShape = [batch, outChannels, ...output];
  const sizes = [product(xShape), product(weightShape), outChannels, product(yShape)] as const;
  return PASSES.map((pass) => ({
    op,
    pass,
    layer: name,
    kernel,
    stride,
    inChannels,
    outChannels,
    shape: input,
    batch,
    flops: batch * layerFlops(layer),
    bytes: bytesOf(pass, ...sizes),
    variants: Object.keys(kernels[pass]),
    setUp: (scope) => {
      const inputs: Inputs = {
        x: scope.upload(noise(sizes[0], 1), xShape, 'bench.x'),
        weight: scope.upload(noise(sizes[1], 2), weightShape, 'bench.weight'),
        bias: scope.upload(noise(sizes[2], 3), [outChannels], 'bench.bias'),
        dy: scope.upload(noise(sizes[3], 4), yShape, 'bench.dy'),
      };
      const launch =
        (variant: Kernel): Launch =>
        (inner) => [variant(inner, inputs, layer)];
      const variants = Object.entries(kernels[pass]).map(
        ([key, variant]) => [key, launch(variant)] as const,
      );
      const naive = launch(kernels[pass].naive!);
      return {
        expected: () => resultsOf(scope.gpu, naive),
        variants: Object.fromEntries(variants),
      };
    },
  }));
}

/** Layers that differ in more than their name, the first of each kind. */
export function distinctLayers(layers: readonly Layer[]): Layer[] {
  const kinds = new Map<string, Layer>();
  for (const layer of layers) {
    const { op, kernel, stride, inChannels, outChannels, input } = layer;
    const key = `${op} ${kernel} ${stride} ${inChannels} ${outChannels} ${input}`;
    if (!kinds.has(key)) kinds.set(key, layer);
  }
  return [...kinds.values()];
}

/** Options of the launchers: padding that keeps the size, or halves or doubles it. */
export const geometry = ({ kernel, stride }: Layer) => ({ stride, padding: (kernel - 1) / 2 });
