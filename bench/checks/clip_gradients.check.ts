/** clip_gradients: two gradients whose norm together is too large. */
import { clipGradients } from '../../src/kernels/clip_gradients.ts';
import * as reference from '../../src/reference/clip_gradients.ts';
import { type Check, check, type VolumeShape } from './check.ts';

export function clipGradientsChecks(shape: VolumeShape): Check[] {
  return [
    check({ op: 'clip_gradients', pass: 'scale', shape }, (inputs) => {
      const gradients = [inputs.parameter(shape, 1), inputs.parameter([3], 2)];
      const tensors = gradients.map(({ tensor }) => tensor);
      return {
        run: (scope) => [clipGradients(scope, tensors, { maxNorm: 0.1 }), ...tensors],
        expected: () => {
          const clipped = gradients.map(({ values }) => values.slice());
          return [[reference.clipGradients(clipped, { maxNorm: 0.1 })], ...clipped];
        },
      };
    }),
  ];
}
