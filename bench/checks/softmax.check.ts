/** softmax over the channels; of one channel it is 1. */
import { softmaxBackward, softmaxForward } from '../../src/kernels/softmax.ts';
import * as reference from '../../src/reference/softmax.ts';
import { type Check, check, type VolumeShape, voxelsOf } from './check.ts';

export function softmaxChecks(shape: VolumeShape): Check[] {
  const layout = { channels: shape[1], voxels: voxelsOf(shape) };
  return [
    check({ op: 'softmax', pass: 'forward', shape, half: true }, (inputs) => {
      const x = inputs.activation(shape, 1);
      return {
        run: (scope) => [softmaxForward(scope, x.tensor)],
        expected: () => [reference.softmaxForward(x.values, layout)],
      };
    }),
    check({ op: 'softmax', pass: 'backward', shape, half: true }, (inputs) => {
      const [y, dy] = [inputs.activation(shape, 1), inputs.activation(shape, 2)];
      return {
        run: (scope) => [softmaxBackward(scope, y.tensor, dy.tensor)],
        expected: () => [reference.softmaxBackward(y.values, dy.values, layout)],
      };
    }),
  ];
}
