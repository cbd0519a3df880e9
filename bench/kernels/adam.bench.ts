/** adam over all parameters of the network: what ends each training step. */
import { adamStep } from '../../src/kernels/adam.ts';
import * as reference from '../../src/reference/adam.ts';
import type { BenchCase } from '../case.ts';
import { noise } from '../inputs.ts';
import type { Layer } from '../layers.ts';

const NUMBERS = {
  lr: 1e-3,
  momentum: 0.9,
  sqrMomentum: 0.99,
  eps: 1e-5,
  weightDecay: 0.01,
  step: 1,
} as const;

/** Lengths of the network's weights, biases and slopes. */
function parameterSizes(layers: readonly Layer[]): number[] {
  return layers.flatMap(({ name, kernel, inChannels, outChannels }) => {
    const isPlain = name.endsWith('.residual') || name === 'dec0.conv';
    const slopes = isPlain ? [] : [1];
    return [inChannels * outChannels * kernel ** 3, outChannels, ...slopes];
  });
}

export function adamCases(layers: readonly Layer[]): BenchCase[] {
  const sizes = parameterSizes(layers);
  const count = sizes.reduce((sum, size) => sum + size, 0);
  return [
    {
      op: 'adam',
      pass: 'forward',
      layer: 'all parameters',
      kernel: null,
      stride: null,
      inChannels: null,
      outChannels: null,
      shape: [count],
      batch: 1,
      flops: 0,
      // Parameter and both averages are read and written, the gradient is read.
      bytes: 7 * 4 * count,
      variants: ['shipped'],
      setUp: (scope) => {
        const parts = sizes.map((size, n) => {
          const [parameter, grad] = [noise(size, 2 * n), noise(size, 2 * n + 1)];
          const tensors = {
            parameter: scope.upload(parameter, [size]),
            grad: scope.upload(grad, [size]),
            gradAvg: scope.upload(new Float32Array(size), [size]),
            sqrAvg: scope.upload(new Float32Array(size), [size]),
          };
          return { parameter, grad, tensors };
        });
        return {
          inPlace: true,
          expected: async () =>
            parts.map(({ parameter, grad }) => {
              const averages = [0, 0].map(() => new Float32Array(grad.length)) as [
                Float32Array,
                Float32Array,
              ];
              const updated = Float32Array.from(parameter);
              reference.adamStep(updated, grad, ...averages, NUMBERS);
              return updated;
            }),
          variants: {
            shipped: (inner) =>
              parts.map(({ tensors }) => {
                adamStep(inner, tensors, NUMBERS);
                return tensors.parameter;
              }),
          },
        };
      },
    },
  ];
}
