import { ShapeError } from './errors.ts';

/** Number of elements of a tensor; 1 for a scalar's empty shape. */
export function product(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** C-order strides in elements: the last axis is contiguous. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  }
  return strides;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** `[2,1,64,64,32]`, as shapes appear in messages. */
export function showShape(shape: readonly number[]): string {
  return `[${shape.join(',')}]`;
}

/** One value per spatial axis. */
export type Triple = readonly [number, number, number];

/** A number stands for the same value on all three axes, as in PyTorch. */
export function toTriple(
  value: number | readonly number[],
  name: string,
): [number, number, number] {
  if (typeof value === 'number') return [value, value, value];
  if (value.length !== 3) {
    throw new ShapeError(
      `${name}: needs a number or one value per spatial axis. Got ${showShape(value)}. Pass three values.`,
    );
  }
  return [value[0]!, value[1]!, value[2]!];
}

/** A number means the same on all axes. Defaults: stride 1, padding 0, dilation 1, as PyTorch. */
export interface Conv3dOptions {
  readonly stride?: number | Triple;
  readonly padding?: number | Triple;
  readonly dilation?: number | Triple;
}

/**
 * Everything that the loops of a convolution or a transposed convolution need to know. Triples are
 * [D, H, W]; `input` is of x, `output` of y.
 */
export interface ConvSizes {
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
): ConvSizes {
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

/** A number means the same on all axes. Defaults: stride 1, padding 0, output padding 0, as PyTorch. */
export interface ConvTranspose3dOptions {
  readonly stride?: number | Triple;
  readonly padding?: number | Triple;
  /** Voxels added at the far end of each axis; less than the stride. */
  readonly outputPadding?: number | Triple;
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
): ConvSizes {
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
    dilation: [1, 1, 1],
  };
}

/** The sizes under the names that the shaders' `Params` use. */
export function convParams({
  batch,
  inChannels,
  outChannels,
  input,
  output,
  kernel,
  stride,
  padding,
  dilation,
}: ConvSizes) {
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

/** [N, Cout, D', H', W'] of a convolution or a transposed convolution. */
export function convOutputShape({ batch, outChannels, output }: ConvSizes): number[] {
  return [batch, outChannels, ...output];
}

/** Throws ShapeError naming `caller` unless there is one bias per output channel. */
export function checkConvBias(
  caller: string,
  bias: { readonly shape: readonly number[] } | null,
  { outChannels }: ConvSizes,
): void {
  if (!bias || product(bias.shape) === outChannels) return;
  throw new ShapeError(
    `${caller}: bias needs one value per output channel. Got ${showShape(bias.shape)} for ${outChannels} channels. Pass [Cout] or null.`,
  );
}

/** Throws ShapeError naming `caller` unless dy has the shape of the output. */
export function checkConvDy(
  caller: string,
  dy: { readonly shape: readonly number[] },
  sizes: ConvSizes,
): void {
  const expected = convOutputShape(sizes);
  if (sameShape(dy.shape, expected)) return;
  throw new ShapeError(
    `${caller}: dy has not the shape of the output. Got ${showShape(dy.shape)}, expected ${showShape(expected)} NCDHW. Pass the gradient of this op's result.`,
  );
}

/** Sizes of a batch of volumes [N, C, D, H, W]. */
export interface VolumeBatchSizes {
  readonly samples: number;
  readonly channels: number;
  /** [D, H, W] */
  readonly size: Triple;
  /** Of one channel. */
  readonly voxels: number;
}

/** @throws ShapeError naming `caller` unless `shape` is [N, C, D, H, W] */
export function volumeBatchSizes(caller: string, shape: readonly number[]): VolumeBatchSizes {
  const [samples, channels, depth, height, width] = shape;
  if (shape.length !== 5) {
    throw new ShapeError(
      `${caller}: needs a batch of volumes. Got ${showShape(shape)}. Pass [N,C,D,H,W].`,
    );
  }
  const size: Triple = [depth!, height!, width!];
  return { samples: samples!, channels: channels!, size, voxels: product(size) };
}

/** @throws ShapeError naming `caller` and `name` unless the shapes are the same */
export function checkShape(
  caller: string,
  name: string,
  shape: readonly number[],
  expected: readonly number[],
): void {
  if (sameShape(shape, expected)) return;
  throw new ShapeError(
    `${caller}: ${name} does not fit. Got ${showShape(shape)}, needed ${showShape(expected)}. Pass one row per sample.`,
  );
}
