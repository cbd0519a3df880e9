/** Pure shape inference of a transposed 3D convolution, shared by its launchers. */
import { ShapeError } from '../errors.ts';
import { showShape, type Triple, toTriple } from '../shape.ts';

/** A number means the same on all axes. Defaults: stride 1, padding 0, output padding 0, as PyTorch. */
export interface ConvTranspose3dOptions {
  readonly stride?: number | Triple;
  readonly padding?: number | Triple;
  /** Voxels added at the far end of each axis; less than the stride. */
  readonly outputPadding?: number | Triple;
}

/** Everything that the loops need to know. Triples are [D, H, W]. */
export interface ConvTranspose3dSizes {
  readonly batch: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly input: Triple;
  readonly output: Triple;
  readonly kernel: Triple;
  readonly stride: Triple;
  readonly padding: Triple;
}

/**
 * Checks x [N, Cin, D, H, W] against weight [Cin, Cout, kd, kh, kw] and derives the output shape
 * (in - 1) stride - 2 padding + kernel + outputPadding per axis.
 *
 * @throws ShapeError naming `caller`
 */
export function convTranspose3dSizes(
  caller: string,
  x: readonly number[],
  weight: readonly number[],
  options: ConvTranspose3dOptions = {},
): ConvTranspose3dSizes {
  if (x.length !== 5 || weight.length !== 5 || x[1] !== weight[0]) {
    throw new ShapeError(
      `${caller}: weight expects ${weight[0]} input channels, x has ${x[1]}. x ${showShape(x)} NCDHW, weight ${showShape(weight)} IODHW. Pass tensors of rank 5 with equal channels.`,
    );
  }
  const stride = toTriple(options.stride ?? 1, `${caller} stride`);
  const padding = toTriple(options.padding ?? 0, `${caller} padding`);
  const outputPadding = toTriple(options.outputPadding ?? 0, `${caller} outputPadding`);
  if (stride.some((step, axis) => step < 1 || outputPadding[axis]! >= step)) {
    throw new ShapeError(
      `${caller}: outputPadding must be smaller than the stride. Got outputPadding ${showShape(outputPadding)} for stride ${showShape(stride)}. Use at most stride - 1.`,
    );
  }
  const input: Triple = [x[2]!, x[3]!, x[4]!];
  const kernel: Triple = [weight[2]!, weight[3]!, weight[4]!];
  const output = input.map(
    (size, axis) =>
      (size - 1) * stride[axis]! - 2 * padding[axis]! + kernel[axis]! + outputPadding[axis]!,
  );
  if (output.some((size) => size < 1)) {
    throw new ShapeError(
      `${caller}: nothing is left of the output. x ${showShape(x)} NCDHW, kernel ${showShape(kernel)}, padding ${showShape(padding)} give ${showShape(output)}. Use a larger input or less padding.`,
    );
  }
  return {
    batch: x[0]!,
    inChannels: x[1]!,
    outChannels: weight[1]!,
    input,
    output: [output[0]!, output[1]!, output[2]!],
    kernel,
    stride,
    padding,
  };
}

/** The sizes under the names that the shaders' `Params` use. */
export function convTranspose3dParams({
  batch,
  inChannels,
  outChannels,
  input,
  output,
  kernel,
  stride,
  padding,
}: ConvTranspose3dSizes) {
  return {
    batch,
    in_channels: inChannels,
    out_channels: outChannels,
    in_d: input[0],
    in_h: input[1],
    in_w: input[2],
    out_d: output[0],
    out_h: output[1],
    out_w: output[2],
    kernel_d: kernel[0],
    kernel_h: kernel[1],
    kernel_w: kernel[2],
    stride_d: stride[0],
    stride_h: stride[1],
    stride_w: stride[2],
    padding_d: padding[0],
    padding_h: padding[1],
    padding_w: padding[2],
  };
}
