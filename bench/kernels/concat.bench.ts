/** concat of the encoder's features with what comes from below, before each transposed convolution. */
import { concatBackward, concatForward } from '../../src/kernels/concat.ts';
import * as reference from '../../src/reference/concat.ts';
import { product } from '../../src/shape.ts';
import type { BenchCase } from '../case.ts';
import { noise } from '../inputs.ts';
import type { Layer } from '../layers.ts';

export function concatCases(layers: readonly Layer[], batch: number): BenchCase[] {
  const encoders = new Map(layers.map(({ name, outChannels }) => [name, outChannels]));
  return layers
    .filter(({ op }) => op === 'conv_transpose3d')
    .flatMap(({ name, inChannels, input }) => {
      const skip = encoders.get(name.replace('dec', 'enc').replace('.up', '.conv1'))!;
      const channels = [skip, inChannels - skip];
      const shapes = channels.map((count) => [batch, count, ...input]);
      const common = {
        op: 'concat',
        layer: name,
        kernel: null,
        stride: null,
        inChannels,
        outChannels: inChannels,
        shape: input,
        batch,
        flops: 0,
        bytes: 8 * batch * inChannels * product(input),
        variants: ['shipped'],
      } as const;
      const forward: BenchCase = {
        ...common,
        pass: 'forward',
        setUp: (scope) => {
          const values = shapes.map((shape, n) => noise(product(shape), n));
          const inputs = values.map((data, n) => scope.upload(data, shapes[n]!));
          return {
            expected: async () => [reference.concatForward(values, batch)],
            variants: { shipped: (inner) => [concatForward(inner, inputs)] },
          };
        },
      };
      const backward: BenchCase = {
        ...common,
        pass: 'backward',
        setUp: (scope) => {
          const shape = [batch, inChannels, ...input];
          const values = noise(product(shape), 1);
          const dy = scope.upload(values, shape);
          const lengths = channels.map((count) => count * product(input));
          return {
            expected: async () => reference.concatBackward(values, lengths, batch),
            variants: {
              shipped: (inner) => channels.map((_, n) => concatBackward(inner, dy, channels, n)),
            },
          };
        },
      };
      return [forward, backward];
    });
}
