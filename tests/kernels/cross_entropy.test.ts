import { describe, expect, test } from 'vitest';
import { crossEntropyBackward, crossEntropyForward } from '../../src/kernels/cross_entropy.ts';
import { crossEntropy } from '../../src/reference/cross_entropy.ts';
import { product } from '../../src/shape.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

describe.each([[[1, 2, 1, 1, 1]], [[2, 3, 3, 5, 7]], [[3, 4, 2, 2]], [[1, 2, 17, 19, 23]]])(
  'cross_entropy of %j',
  (shape) => {
    const [batch, classes, ...spatial] = shape as [number, number, ...number[]];
    const voxels = product(spatial);
    test.each([
      {},
      { reduction: 'sum' as const },
      { weight: [0.1, 1, 2, 3].slice(0, classes) },
      { weight: [0.1, 1, 2, 3].slice(0, classes), reduction: 'sum' as const },
    ])('equals the reference with %j', async (options) => {
      const gpu = await testGpu();
      using scope = gpu.scope();
      const logits = randomArray(shape, 1).map((value) => 5 * value);
      const labels = Uint32Array.from({ length: batch * voxels }, (_, n) => (n * 7) % classes);
      const expected = crossEntropy(logits, labels, { batch, classes, voxels }, options);
      const x = scope.upload(logits, shape);
      const target = scope.upload(labels, [batch, 1, ...spatial]);
      const { loss, slopes } = crossEntropyForward(scope, x, target, options);
      const dloss = scope.upload(Float32Array.of(2), [1]);
      const dlogits = crossEntropyBackward(scope, x, target, slopes, dloss, options);
      expectClose(await gpu.read(loss), [expected.loss], { rtol: 3e-6 });
      const doubled = expected.dlogits.map((value) => 2 * value);
      expectClose(await gpu.read(dlogits), doubled, { rtol: 3e-6, shape });
    });
  },
);

test('the value for known logits is the one computed by hand', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  // Two voxels with label 0: probabilities 3/4 and 1/2.
  const x = scope.upload(Float32Array.of(Math.log(3), 5, 0, 5), [1, 2, 2]);
  const target = scope.upload(Uint32Array.of(0, 0), [1, 1, 2]);
  const { loss } = crossEntropyForward(scope, x, target);
  expectClose(await gpu.read(loss), [(Math.log(4 / 3) + Math.log(2)) / 2], { rtol: 1e-6 });
});

test('an error names cross-entropy, not the kernel that it shares', async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const labels = scope.tensor([1, 1, 3], 'labels', 'u32');
  expect(() => crossEntropyForward(scope, scope.tensor([1, 2, 4]), labels)).toThrow(
    /^crossEntropyForward: .*\[1,1,3\].*\[1,2,4\]/,
  );
});
