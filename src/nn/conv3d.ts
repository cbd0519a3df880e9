import { conv3d } from '../autograd/conv3d.ts';
import type { Tape } from '../autograd/tape.ts';
import type { Variable } from '../autograd/variable.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Rng } from '../rng.ts';
import { type Triple, toTriple } from '../shape.ts';
import { ConvBase, type ConvBaseOptions } from './conv_base.ts';

export interface Conv3dOptions extends ConvBaseOptions {
  readonly dilation?: number | Triple;
}

/**
 * Convolution with its weight [Cout, Cin, k, k, k] and bias [Cout].
 * x: [N, Cin, D, H, W] -> [N, Cout, D', H', W'].
 *
 * @see torch.nn.Conv3d (groups 1)
 */
export class Conv3d extends ConvBase {
  private readonly dilation: Triple;

  /** @param rng draws the initial weights; it advances */
  constructor(gpu: Gpu, rng: Rng, options: Conv3dOptions) {
    super(gpu, rng, 'Conv3d', [options.outChannels, options.inChannels], options);
    this.dilation = toTriple(options.dilation ?? 1, 'Conv3d.dilation');
  }

  forward(tape: Tape, x: Variable): Variable {
    const { weight, bias, stride, padding, dilation } = this;
    return conv3d(tape, x, weight, bias, { stride, padding, dilation });
  }
}
