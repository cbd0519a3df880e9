import { expect, test } from 'vitest';
import { baseBytes, nonConvolutionShare } from '../../bench/network.bench.ts';

const kernel = (name: string, milliseconds: number) => ({
  name,
  milliseconds,
  dispatches: 1,
  bytes: 0,
});

test('both kinds of convolution count as such, everything else does not', () => {
  const kernels = [
    kernel('conv3d_forward_rows', 5),
    kernel('conv_transpose3d_backward_input_tiles', 1),
    kernel('sum_rows', 1),
    kernel('instance_norm_forward', 1),
  ];
  expect(nonConvolutionShare(kernels)).toBe(0.25);
  expect(nonConvolutionShare([])).toBe(null);
});

test('the base of the memory is parameters, gradients, moments and every convolution once', () => {
  const parameters = 4_806_481 - 17;
  // Per voxel of the patch: half-size levels hold 1/8, 1/64, ... of the voxels.
  const perVoxel =
    (16 * 3) / 8 + (32 * 3) / 64 + (64 * 3) / 512 + (128 * 3) / 4096 + (256 * 3) / 4096;
  const decoder = (64 * 2) / 512 + (32 * 2) / 64 + (16 * 2) / 8 + 2 * 2;
  const voxels = 128 * 128 * 64;
  expect(baseBytes({ shape: [128, 128, 64], batch: 4 })).toBe(
    4 * (4 * parameters + 4 * voxels * (perVoxel + decoder)),
  );
});
