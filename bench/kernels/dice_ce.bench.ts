/** dice_ce on the network's logits. */
import { diceCeBackward, diceCeForward } from '../../src/kernels/dice_ce.ts';
import * as reference from '../../src/reference/dice_ce.ts';
import { product, type Triple } from '../../src/shape.ts';
import type { BenchCase } from '../case.ts';
import { noise } from '../inputs.ts';

export function diceCeCases(size: Triple, classes: number, batch: number): BenchCase[] {
  const voxels = product(size);
  const layout = { batch, classes, voxels };
  const values = (): Float32Array => noise(batch * classes * voxels, 1);
  // A box in the middle tenth, as an organ would be.
  const labels = (): Uint32Array =>
    Uint32Array.from({ length: batch * voxels }, (_, n) =>
      Math.abs((n % voxels) / voxels - 0.5) < 0.05 ? 1 : 0,
    );
  const common = {
    op: 'dice_ce',
    layer: 'loss',
    kernel: null,
    stride: null,
    inChannels: classes,
    outChannels: classes,
    shape: size,
    batch,
    flops: 0,
    variants: ['shipped'],
  } as const;
  const upload = (scope: Parameters<BenchCase['setUp']>[0]) => ({
    logits: scope.upload(values(), [batch, classes, ...size], 'bench.logits'),
    target: scope.upload(labels(), [batch, 1, ...size], 'bench.target'),
  });
  return [
    {
      ...common,
      pass: 'forward',
      bytes: 4 * batch * voxels * (classes + 1),
      setUp: (scope) => {
        const { logits, target } = upload(scope);
        return {
          expected: async () => [
            Float32Array.of(reference.diceCe(values(), labels(), layout).loss),
          ],
          variants: { shipped: (inner) => [diceCeForward(inner, logits, target).loss] },
        };
      },
    },
    {
      ...common,
      pass: 'backward',
      bytes: 4 * batch * voxels * (2 * classes + 1),
      setUp: (scope) => {
        const { logits, target } = upload(scope);
        const { slopes } = diceCeForward(scope, logits, target);
        const dloss = scope.upload(Float32Array.of(1), [1]);
        return {
          inPlace: true,
          expected: async () => [reference.diceCe(values(), labels(), layout).dlogits],
          variants: {
            shipped: (inner) => [diceCeBackward(inner, logits, target, slopes, dloss)],
          },
        };
      },
    },
  ];
}
