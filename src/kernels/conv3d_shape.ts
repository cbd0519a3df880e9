/** Pure shape inference of a 3D convolution, shared by its launchers. */
import { ShapeError } from '../errors.ts';
import { showShape, type Triple, toTriple } from '../shape.ts';

/** A number means the same on all axes. Defaults: stride 1, padding 0, dilation 1, as PyTorch. */
export interface Conv3dOptions {
  readonly stride?: number | Triple;
  readonly padding?: number | Triple;
  readonly dilation?: number | Triple;
}

/** Everything that a convolution's loops need to know. Triples are [D, H, W]. */
export interface Conv3dSizes {
  readonly batch: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly input: Triple;
  readonly output: Triple;
  readonly kernel: Triple;
  readonly stride: Triple;
  readonly padding: Triple;
  readonly dilation: Triple;
}

/**
 * Checks x [N, Cin, D, H, W] against weight [Cout, Cin, kd, kh, kw] and derives the output shape
 * floor((in + 2 padding - dilation (kernel - 1) - 1) / stride) + 1 per axis.
 *
 * @throws ShapeError naming `caller`
 */
export function conv3dSizes(
  caller: string,
  x: readonly number[],
  weight: readonly number[],
  options: Conv3dOptions = {},
): Conv3dSizes {
  if (x.length !== 5 || weight.length !== 5 || x[1] !== weight[1]) {
    throw new ShapeError(
      `${caller}: weight expects ${weight[1]} input channels, x has ${x[1]}. x ${showShape(x)} NCDHW, weight ${showShape(weight)} OIDHW. Pass tensors of rank 5 with equal channels.`,
    );
  }
  const stride = toTriple(options.stride ?? 1, `${caller} stride`);
  const padding = toTriple(options.padding ?? 0, `${caller} padding`);
  const dilation = toTriple(options.dilation ?? 1, `${caller} dilation`);
  const input: Triple = [x[2]!, x[3]!, x[4]!];
  const kernel: Triple = [weight[2]!, weight[3]!, weight[4]!];
  const output = input.map((size, axis) => {
    const span = dilation[axis]! * (kernel[axis]! - 1) + 1;
    return Math.floor((size + 2 * padding[axis]! - span) / stride[axis]!) + 1;
  });
  if (output.some((size) => size < 1)) {
    throw new ShapeError(
      `${caller}: the kernel is larger than the padded input. x ${showShape(x)} NCDHW, kernel ${showShape(kernel)}, padding ${showShape(padding)}, dilation ${showShape(dilation)}. Use a larger input or more padding.`,
    );
  }
  return {
    batch: x[0]!,
    inChannels: x[1]!,
    outChannels: weight[0]!,
    input,
    output: [output[0]!, output[1]!, output[2]!],
    kernel,
    stride,
    padding,
    dilation,
  };
}

/** The sizes under the names that the shaders' `Params` use. */
export function conv3dParams({
  batch,
  inChannels,
  outChannels,
  input,
  output,
  kernel,
  stride,
  padding,
  dilation,
}: Conv3dSizes) {
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
    dilation_d: dilation[0],
    dilation_h: dilation[1],
    dilation_w: dilation[2],
  };
}
