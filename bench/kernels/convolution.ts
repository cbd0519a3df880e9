/**
 * Cases that both kinds of convolution share: three passes over each of a network's layers, each by
 * every kernel of the registry and by the one that the library takes (`shipped`).
 */

import { GpuError } from '../../src/errors.ts';
import type { Scope } from '../../src/gpu/scope.ts';
import type { Tensor } from '../../src/gpu/tensor.ts';
import { type ConvPass, VARIANTS } from '../../src/kernels/variants/registry.ts';
import {
  type ConvInputs,
  type Traits,
  traitsOf,
  type Variant,
} from '../../src/kernels/variants/variant.ts';
import { type ConvSizes, convOutputShape, product } from '../../src/shape.ts';
import type { BenchCase, Launch } from '../case.ts';
import { resultsOf } from '../harness.ts';
import { noise } from '../inputs.ts';
import { type Layer, layerFlops } from '../layers.ts';

/** Runs a pass as the library does. */
export type Shipped = (scope: Scope, inputs: ConvInputs) => Tensor;

/** What of x, weight and dy a pass reads and writes; the bias is small, but read all the same. */
function bytesOf(pass: ConvPass, x: number, weight: number, bias: number, dy: number) {
  return 4 * (x + weight + dy + (pass === 'forward' ? bias : 0));
}

const PASSES = ['forward', 'backward_input', 'backward_weight'] as const;

/** Adapters that can do anything; what suits on none of them is not worth a row. */
const CAPABLE = [true, false].map(
  (software): Traits => ({
    software,
    slowCompiler: false,
    subgroups: true,
    subgroupMinSize: 128,
    f16: true,
    workgroupBytes: 32768,
    workgroupThreads: 1024,
    dtype: 'f32',
  }),
);

/** A kernel of the registry; where it does not suit, its row says so. */
const launchOf =
  (variant: Variant<ConvInputs>, inputs: ConvInputs, sizes: ConvSizes): Launch =>
  (scope) => {
    if (!variant.suits(traitsOf(scope.gpu, inputs.x.dtype), sizes)) {
      throw new GpuError(
        `convolutionCases: this adapter does not suit the kernel. Got '${variant.name}'. Choose another.`,
      );
    }
    return [variant.run(scope, inputs, sizes)];
  };

/** One case per pass over `layer`. @param sizes as the op's launchers have them */
export function convolutionCases(
  layer: Layer,
  sizes: ConvSizes,
  weightShape: readonly number[],
  shipped: Readonly<Record<ConvPass, Shipped>>,
): BenchCase[] {
  const { op, name, kernel, stride } = layer;
  const { batch, inChannels, outChannels, input } = sizes;
  const xShape = [batch, inChannels, ...input];
  const yShape = convOutputShape(sizes);
  const counts = [product(xShape), product(weightShape), outChannels, product(yShape)] as const;
  return PASSES.map((pass) => {
    const variants = VARIANTS[op][pass].filter(({ suits }) =>
      CAPABLE.some((traits) => suits(traits, sizes)),
    );
    return {
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
      bytes: bytesOf(pass, ...counts),
      variants: ['shipped', ...variants.map((variant) => variant.name)],
      setUp: (scope) => {
        const inputs: ConvInputs = {
          x: scope.upload(noise(counts[0], 1), xShape, 'bench.x'),
          weight: scope.upload(noise(counts[1], 2), weightShape, 'bench.weight'),
          bias: scope.upload(noise(counts[2], 3), [outChannels], 'bench.bias'),
          dy: scope.upload(noise(counts[3], 4), yShape, 'bench.dy'),
        };
        const launches: Record<string, Launch> = {
          shipped: (inner) => [shipped[pass](inner, inputs)],
        };
        for (const variant of variants) launches[variant.name] = launchOf(variant, inputs, sizes);
        return {
          expected: () => resultsOf(scope.gpu, launches.naive!),
          variants: launches,
        };
      },
    };
  });
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
