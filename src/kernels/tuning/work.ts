/** How much a pass of a convolution computes, and the same with less of it. */
import type { Problem } from '../../gpu/choices.ts';
import { type ConvSizes, product } from '../../shape.ts';
import { convFlops } from '../variants/conv_flops.ts';

/** Elements of x and y together. */
export function convElements({ batch, inChannels, outChannels, input, output }: ConvSizes): number {
  return batch * (inChannels * product(input) + outChannels * product(output));
}

/** How many products one element of the result adds up. */
export function termsOf({ pass, sizes }: Problem): number {
  const { batch, inChannels, outChannels, input, output, kernel } = sizes;
  if (pass === 'backward_weight') return batch * Math.min(product(input), product(output));
  return (pass === 'forward' ? inChannels : outChannels) * product(kernel);
}

export interface Limits {
  readonly flops: number;
  readonly elements: number;
}

/** An axis is not cut below this many voxels more than the kernel covers. */
const SLICES = 4;

/**
 * The same problem, or where that is above `limits` one with batch 1 and fewer slices along depth:
 * width, height, channels and geometry, by which kernels differ, stay.
 */
export function withinLimits(problem: Problem, limits: Limits): Problem {
  const fits = (sizes: ConvSizes): boolean =>
    convFlops(sizes) <= limits.flops && convElements(sizes) <= limits.elements;
  if (fits(problem.sizes)) return problem;
  let sizes: ConvSizes = { ...problem.sizes, batch: 1 };
  const isTransposed = problem.op === 'conv_transpose3d';
  // The shorter of the two sides: y of a strided convolution, x of a transposed one.
  const whole = isTransposed ? sizes.input[0] : sizes.output[0];
  const least = Math.min(whole, SLICES);
  for (let slices = whole; slices > least && !fits(sizes); ) {
    slices = Math.max(least, Math.floor(slices / 2));
    const other = slices * sizes.stride[0] + longer(problem.sizes, isTransposed);
    if (other < 1) break;
    sizes = isTransposed ? cut(sizes, slices, other) : cut(sizes, other, slices);
  }
  return { ...problem, sizes };
}

const cut = (sizes: ConvSizes, input: number, output: number): ConvSizes => ({
  ...sizes,
  input: [input, sizes.input[1], sizes.input[2]],
  output: [output, sizes.output[1], sizes.output[2]],
});

/** Slices that the longer side has besides stride times the shorter one: they come from kernel and padding. */
function longer({ input, output, stride }: ConvSizes, isTransposed: boolean): number {
  return isTransposed ? output[0] - stride[0] * input[0] : input[0] - stride[0] * output[0];
}
