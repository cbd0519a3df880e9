/** cast, at the end of a network in half precision: its logits and their gradient. */
import { castForward } from '../../src/kernels/cast.ts';
import * as reference from '../../src/reference/cast.ts';
import { product, type Triple } from '../../src/shape.ts';
import type { BenchCase } from '../case.ts';
import { noise } from '../inputs.ts';

/** @param channels of the logits */
export function castCases(patch: Triple, channels: number, batch: number): BenchCase[] {
  const shape = [batch, channels, ...patch];
  return (['forward', 'backward'] as const).map((pass) => ({
    op: 'cast',
    pass,
    layer: 'loss',
    kernel: null,
    stride: null,
    inChannels: channels,
    outChannels: channels,
    shape: patch,
    batch,
    flops: 0,
    bytes: (2 + 4) * product(shape),
    needs: 'shader-f16',
    variants: ['shipped'],
    setUp: (scope) => {
      const values = noise(product(shape), 1);
      const full = scope.upload(values, shape);
      const half = castForward(scope, full, 'f16');
      return {
        expected: async () => [reference.castForward(values)],
        variants: {
          shipped: (inner) => [
            pass === 'forward' ? castForward(inner, half, 'f32') : castForward(inner, full, 'f16'),
          ],
        },
      };
    },
  }));
}
