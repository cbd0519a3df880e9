/** The U-Net of MONAI, weight for weight. */
import type { Tape } from '../autograd/tape.ts';
import type { Variable } from '../autograd/variable.ts';
import { ShapeError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Rng } from '../rng.ts';
import { product, showShape, type Triple } from '../shape.ts';
import { Convolution } from './convolution.ts';
import { Module } from './module.ts';
import { ResidualUnit } from './residual_unit.ts';
import { type UNetConfig, type UNetOptions, unetConfig } from './unet_config.ts';

const ONE: Triple = [1, 1, 1];

/** Transposed convolution, then a residual unit of one convolution. */
class Decoder extends Module {
  private readonly conv: Convolution;
  private readonly unit: ResidualUnit;

  constructor(conv: Convolution, unit: ResidualUnit) {
    super();
    this.conv = this.addModule('0', conv);
    this.unit = this.addModule('1', unit);
  }

  forward(tape: Tape, x: Variable): Variable {
    return this.forwardJoined(tape, [x]);
  }

  forwardJoined(tape: Tape, inputs: readonly Variable[]): Variable {
    return tape.block((inner) => this.unit.forward(inner, this.conv.forwardJoined(inner, inputs)));
  }
}

/**
 * decoder([y, inside(y)] on the channel axis) with y = encoder(x). Nothing is copied to be joined:
 * the decoder reads both.
 *
 * @see MONAI UNet._get_connection_block, SkipConnection
 */
class Level extends Module {
  private readonly encoder: Module;
  private readonly inside: Module;
  private readonly decoder: Decoder | Convolution;

  constructor(encoder: Module, inside: Module, decoder: Decoder | Convolution) {
    super();
    this.encoder = this.addModule('0', encoder);
    this.inside = this.addModule('1.submodule', inside);
    this.decoder = this.addModule('2', decoder);
  }

  forward(tape: Tape, x: Variable): Variable {
    return tape.block((inner) => {
      const y = this.encoder.forward(inner, x);
      return this.decoder.forwardJoined(inner, [y, this.inside.forward(inner, y)]);
    });
  }
}

/** One step of the encoder: residual unit, or a plain convolution without residual units. */
function down(
  gpu: Gpu,
  rng: Rng,
  config: UNetConfig,
  inChannels: number,
  outChannels: number,
  stride: Triple,
): Module {
  const options = { ...config, inChannels, outChannels, stride };
  return config.numResUnits > 0
    ? new ResidualUnit(gpu, rng, { ...options, subunits: config.numResUnits })
    : new Convolution(gpu, rng, options);
}

/** One step of the decoder; without residual units a transposed convolution alone. */
function up(
  gpu: Gpu,
  rng: Rng,
  config: UNetConfig,
  inChannels: number,
  outChannels: number,
  stride: Triple,
  isTop: boolean,
): Decoder | Convolution {
  const options = { ...config, outChannels };
  const conv = new Convolution(gpu, rng, {
    ...options,
    inChannels,
    stride,
    kernelSize: config.upKernelSize,
    convOnly: isTop && config.numResUnits === 0,
    transposed: true,
  });
  if (config.numResUnits === 0) return conv;
  const unit = new ResidualUnit(gpu, rng, {
    ...options,
    inChannels: outChannels,
    stride: ONE,
    subunits: 1,
    lastConvOnly: isTop,
  });
  return new Decoder(conv, unit);
}

/** Level `depth` and everything below it. The last entry of `channels` is the bottom. */
function level(
  gpu: Gpu,
  rng: Rng,
  config: UNetConfig,
  inChannels: number,
  outChannels: number,
  depth: number,
): Module {
  const { channels, strides } = config;
  const width = channels[depth]!;
  const below = channels[depth + 1]!;
  const isBottomNext = depth + 2 === channels.length;
  const encoder = down(gpu, rng, config, inChannels, width, strides[depth]!);
  const inside = isBottomNext
    ? down(gpu, rng, config, width, below, ONE)
    : level(gpu, rng, config, width, width, depth + 1);
  const joined = width + (isBottomNext ? below : width);
  const decoder = up(gpu, rng, config, joined, outChannels, strides[depth]!, depth === 0);
  return new Level(encoder, inside, decoder);
}

/**
 * x: [N, inChannels, D, H, W] -> logits [N, outChannels, D, H, W].
 *
 * Names, order and shapes of the parameters are those of MONAI's `state_dict`; the initial weights
 * follow the same distributions.
 *
 * @see MONAI UNet (spatial_dims 3); Kerfoot et al. 2018, "Left-ventricle quantification using
 *   residual U-Net"
 */
export class UNet extends Module {
  readonly config: UNetConfig;
  private readonly model: Module;

  /**
   * @param rng draws the initial weights; it advances
   * @throws ConfigError for options that do not fit together
   */
  constructor(gpu: Gpu, rng: Rng, options: UNetOptions) {
    super();
    this.config = unetConfig(options);
    const { inChannels, outChannels } = this.config;
    this.model = this.addModule('model', level(gpu, rng, this.config, inChannels, outChannels, 0));
  }

  /** What every spatial size must be divisible by, `[D, H, W]`. */
  get divisor(): Triple {
    const { strides } = this.config;
    const along = (axis: 0 | 1 | 2): number => product(strides.map((stride) => stride[axis]));
    return [along(0), along(1), along(2)];
  }

  /**
   * @throws ShapeError naming the axis for a size that the strides do not divide
   * Differs from MONAI: sizes that only the first stride does not divide are refused too, as their
   *   logits would be larger than the input.
   */
  forward(tape: Tape, x: Variable): Variable {
    checkInput(x.shape, this.config, this.divisor);
    return this.model.forward(tape, x);
  }
}

function checkInput(shape: readonly number[], { inChannels, norm }: UNetConfig, divisor: Triple) {
  if (shape.length !== 5 || shape[1] !== inChannels) {
    throw new ShapeError(
      `UNet.forward: the network reads [N,${inChannels},D,H,W]. Got ${showShape(shape)}. Pass ${inChannels} channels.`,
    );
  }
  const sizes = shape.slice(2);
  for (const [axis, size] of sizes.entries()) {
    const by = divisor[axis]!;
    if (size % by === 0) continue;
    const smaller = Math.floor(size / by) * by;
    const nearest = smaller > 0 ? `${smaller} or ${smaller + by}` : `${by}`;
    throw new ShapeError(
      `UNet.forward: size ${size} of spatial axis ${axis} (${'ijk'[axis]}) is not divisible by ${by}, the product of the strides. Got ${showShape(shape)} NCDHW. Use ${nearest}, or fewer levels.`,
    );
  }
  if (norm !== 'none' && sizes.every((size, axis) => size === divisor[axis])) {
    throw new ShapeError(
      `UNet.forward: only one voxel is left at the bottom, so the norm there would erase it. Got ${showShape(shape)} NCDHW under strides of ${showShape(divisor)} in all. Use a larger patch, or fewer levels.`,
    );
  }
}
