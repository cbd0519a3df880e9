import { type ConvSizes, product } from '../../shape.ts';

/**
 * Multiplications and additions of any of the three passes of a convolution or a transposed one,
 * padding included.
 */
export function convFlops(sizes: ConvSizes): number {
  const { batch, inChannels, outChannels, input, output, kernel } = sizes;
  const positions = Math.min(product(input), product(output));
  return 2 * batch * inChannels * outChannels * product(kernel) * positions;
}
