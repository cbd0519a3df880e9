import { convTranspose3d } from '../autograd/conv_transpose3d.ts';
import type { Tape } from '../autograd/tape.ts';
import { Parameter, type Variable } from '../autograd/variable.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Rng } from '../rng.ts';
import { type Triple, toTriple } from '../shape.ts';
import { convolutionInit } from './init.ts';
import { Module } from './module.ts';

export interface ConvTranspose3dOptions {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: number | Triple;
  readonly stride?: number | Triple;
  readonly padding?: number | Triple;
  readonly outputPadding?: number | Triple;
  readonly bias?: boolean;
}

/**
 * Transposed convolution with its weight [Cin, Cout, k, k, k] and bias [Cout].
 * x: [N, Cin, D, H, W] -> [N, Cout, D', H', W'].
 *
 * @see torch.nn.ConvTranspose3d (groups 1, dilation 1)
 */
export class ConvTranspose3d extends Module {
  private readonly weight: Parameter;
  private readonly bias: Parameter | null = null;
  private readonly geometry: { stride: Triple; padding: Triple; outputPadding: Triple };

  /** @param rng draws the initial weights; it advances */
  constructor(
    gpu: Gpu,
    rng: Rng,
    {
      inChannels,
      outChannels,
      kernelSize,
      stride = 1,
      padding = 0,
      outputPadding = 0,
      bias = true,
    }: ConvTranspose3dOptions,
  ) {
    super();
    this.geometry = {
      stride: toTriple(stride, 'ConvTranspose3d.stride'),
      padding: toTriple(padding, 'ConvTranspose3d.padding'),
      outputPadding: toTriple(outputPadding, 'ConvTranspose3d.outputPadding'),
    };
    const shape = [inChannels, outChannels, ...toTriple(kernelSize, 'ConvTranspose3d.kernelSize')];
    const initial = convolutionInit(rng, shape, bias ? outChannels : 0);
    this.weight = this.addParameter(
      'weight',
      new Parameter(gpu, initial.weight, shape, 'ConvTranspose3d.weight'),
      true,
    );
    if (bias) {
      this.bias = this.addParameter(
        'bias',
        new Parameter(gpu, initial.bias, [outChannels], 'ConvTranspose3d.bias'),
        false,
      );
    }
  }

  forward(tape: Tape, x: Variable): Variable {
    return convTranspose3d(tape, x, this.weight, this.bias, this.geometry);
  }
}
