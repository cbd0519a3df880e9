/** Convolution, norm, dropout, activation: the block that MONAI's networks are made of. */
import { addTo } from '../autograd/add.ts';
import { dropout as dropoutOp } from '../autograd/dropout.ts';
import { instanceNormPrelu } from '../autograd/instance_norm_prelu.ts';
import { relu } from '../autograd/relu.ts';
import type { Tape } from '../autograd/tape.ts';
import type { Variable } from '../autograd/variable.ts';
import { ConfigError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Rng } from '../rng.ts';
import { showShape, type Triple, toTriple } from '../shape.ts';
import type { ConvBase } from './conv_base.ts';
import { ConvTranspose3d } from './conv_transpose3d.ts';
import { Conv3d } from './conv3d.ts';
import { InstanceNorm } from './instance_norm.ts';
import { Module } from './module.ts';
import { Prelu } from './prelu.ts';

/** `instance_affine` learns a scale and a shift per channel. */
export type NormKind = 'instance' | 'instance_affine' | 'none';
export type ActivationKind = 'prelu' | 'relu';

/** What follows a convolution. */
export interface AdnOptions {
  readonly norm: NormKind;
  readonly act: ActivationKind;
  /** Probability of setting a value to zero while training; 0 for no dropout. */
  readonly dropout: number;
}

export interface ConvolutionOptions extends AdnOptions {
  readonly inChannels: number;
  readonly outChannels: number;
  /** Odd, so that the padding keeps the size. */
  readonly kernelSize: Triple;
  readonly stride: Triple;
  readonly bias: boolean;
  /** Neither norm nor dropout nor activation. */
  readonly convOnly?: boolean;
  /** Transposed: multiplies the size by the stride instead of dividing. */
  readonly transposed?: boolean;
}

/**
 * Padding (k - 1) / 2 per axis.
 *
 * @throws ConfigError for an even kernel size
 * @see MONAI same_padding (dilation 1)
 */
export function samePadding(kernelSize: Triple): Triple {
  if (kernelSize.some((size) => !Number.isInteger(size) || size < 1 || size % 2 === 0)) {
    throw new ConfigError(
      `samePadding: no padding keeps the size under an even kernel. Got kernelSize ${showShape(kernelSize)}. Use odd sizes.`,
    );
  }
  return toTriple(
    kernelSize.map((size) => (size - 1) / 2),
    'samePadding',
  );
}

/** Norm, dropout, activation, in this order. @see MONAI ADN(ordering 'NDA') */
class Adn extends Module {
  private readonly norm: InstanceNorm | undefined;
  private readonly act: Prelu | undefined;
  private readonly dropout: number;

  constructor(gpu: Gpu, channels: number, { norm, act, dropout }: AdnOptions) {
    super();
    if (norm !== 'none') {
      const affine = norm === 'instance_affine';
      this.norm = this.addModule('N', new InstanceNorm(gpu, { channels, affine }));
    }
    this.dropout = dropout;
    if (act === 'prelu') this.act = this.addModule('A', new Prelu(gpu));
  }

  /** @param residual added to the result */
  forward(tape: Tape, x: Variable, residual: Variable | null = null): Variable {
    const { norm, act, dropout } = this;
    if (norm && !norm.affine && act && dropout === 0) {
      return instanceNormPrelu(tape, x, act.weight, residual);
    }
    const normed = norm ? norm.forward(tape, x) : x;
    const dropped = dropout > 0 ? dropoutOp(tape, normed, dropout) : normed;
    const y = act ? act.forward(tape, dropped) : relu(tape, dropped);
    return residual ? addTo(tape, y, residual) : y;
  }
}

/**
 * x: [N, Cin, D, H, W] -> [N, Cout, ceil(D / stride), ...], or [N, Cout, D * stride, ...] if
 * transposed.
 *
 * @see MONAI Convolution(adn_ordering 'NDA')
 */
export class Convolution extends Module {
  private readonly conv: ConvBase;
  private readonly adn: Adn | undefined;

  /** @param rng draws the initial weights; it advances */
  constructor(gpu: Gpu, rng: Rng, options: ConvolutionOptions) {
    super();
    const { stride, outChannels } = options;
    const padding = samePadding(options.kernelSize);
    if (options.transposed) {
      const outputPadding = toTriple(
        stride.map((step) => step - 1),
        'Convolution.outputPadding',
      );
      this.conv = this.addModule(
        'conv',
        new ConvTranspose3d(gpu, rng, { ...options, padding, outputPadding }),
      );
    } else {
      this.conv = this.addModule('conv', new Conv3d(gpu, rng, { ...options, padding }));
    }
    if (!options.convOnly) this.adn = this.addModule('adn', new Adn(gpu, outChannels, options));
  }

  /** @param residual added to the result */
  forward(tape: Tape, x: Variable, residual: Variable | null = null): Variable {
    return this.follow(tape, (inner) => this.conv.forward(inner, x), residual);
  }

  /** The same of `inputs` as if they were joined on the channel axis. */
  forwardJoined(tape: Tape, inputs: readonly Variable[]): Variable {
    return this.follow(tape, (inner) => this.conv.forwardJoined(inner, inputs), null);
  }

  private follow(
    tape: Tape,
    convolve: (tape: Tape) => Variable,
    residual: Variable | null,
  ): Variable {
    const { adn } = this;
    if (adn) return tape.checkpoint((inner) => adn.forward(inner, convolve(inner), residual));
    // To compute it twice would save nothing: the gradients read the input only.
    return tape.block((inner) => {
      const y = convolve(inner);
      return residual ? addTo(inner, y, residual) : y;
    });
  }
}
