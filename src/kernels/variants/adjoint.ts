/** A convolution as the adjoint of a transposed one: the passes of the two swap their kernels. */
import type { ConvSizes } from '../../shape.ts';

/** The transposed convolution of which this convolution is the input gradient. */
export const adjointSizes = (sizes: ConvSizes): ConvSizes => ({
  ...sizes,
  inChannels: sizes.outChannels,
  outChannels: sizes.inChannels,
  input: sizes.output,
  output: sizes.input,
});

/** The convolution of dy with the mirrored kernel that the input gradient is where the stride is 1. */
export function mirroredSizes(sizes: ConvSizes): ConvSizes {
  const { kernel, padding, dilation } = sizes;
  const mirrored = (axis: 0 | 1 | 2): number => dilation[axis] * (kernel[axis] - 1) - padding[axis];
  return { ...adjointSizes(sizes), padding: [mirrored(0), mirrored(1), mirrored(2)] };
}

/** Whether the tiled kernels of the transposed convolution, which unroll the plane of the kernel, take these sizes. */
export const isTiled = ({ kernel, stride, padding }: ConvSizes): boolean =>
  [1, 2].every(
    (axis) => kernel[axis]! <= 3 && stride[axis]! <= 2 && padding[axis]! < kernel[axis]!,
  );

/** Whether a strided convolution can take the tiled kernels of the transposed one. */
export const isTiledStrided = (sizes: ConvSizes): boolean =>
  sizes.stride.some((step) => step > 1) &&
  sizes.dilation.every((step) => step === 1) &&
  isTiled(sizes);

/** The plane of the kernel as constants of the tiled kernels. */
export const planeConsts = ({ kernel, stride, padding }: ConvSizes) => ({
  KERNEL_H: kernel[1],
  KERNEL_W: kernel[2],
  STRIDE_H: stride[1],
  STRIDE_W: stride[2],
  PADDING_H: padding[1],
  PADDING_W: padding[2],
});
