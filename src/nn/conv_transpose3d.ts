import { convTranspose3d } from '../autograd/conv_transpose3d.ts';
import { convTranspose3dJoined } from '../autograd/conv_transpose3d_joined.ts';
import type { Tape } from '../autograd/tape.ts';
import type { Variable } from '../autograd/variable.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Rng } from '../rng.ts';
import { type Triple, toTriple } from '../shape.ts';
import { ConvBase, type ConvBaseOptions } from './conv_base.ts';

export interface ConvTranspose3dOptions extends ConvBaseOptions {
  readonly outputPadding?: number | Triple;
}

/**
 * Transposed convolution with its weight [Cin, Cout, k, k, k] and bias [Cout].
 * x: [N, Cin, D, H, W] -> [N, Cout, D', H', W'].
 *
 * @see torch.nn.ConvTranspose3d (groups 1, dilation 1)
 */
export class ConvTranspose3d extends ConvBase {
  private readonly outputPadding: Triple;

  /** @param rng draws the initial weights; it advances */
  constructor(gpu: Gpu, rng: Rng, options: ConvTranspose3dOptions) {
    super(gpu, rng, 'ConvTranspose3d', [options.inChannels, options.outChannels], options);
    this.outputPadding = toTriple(options.outputPadding ?? 0, 'ConvTranspose3d.outputPadding');
  }

  forward(tape: Tape, x: Variable): Variable {
    const { weight, bias, options } = this;
    return convTranspose3d(tape, x, weight, bias, options);
  }

  override forwardJoined(tape: Tape, inputs: readonly Variable[]): Variable {
    const { weight, bias, options } = this;
    return convTranspose3dJoined(tape, inputs, weight, bias, options);
  }

  private get options() {
    const { stride, padding, outputPadding } = this;
    return { stride, padding, outputPadding };
  }
}
