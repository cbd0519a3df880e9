import { conv3d } from '../autograd/conv3d.ts';
import type { Tape } from '../autograd/tape.ts';
import { Parameter, type Variable } from '../autograd/variable.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Rng } from '../rng.ts';
import { type Triple, toTriple } from '../shape.ts';
import { convolutionInit } from './init.ts';
import { Module } from './module.ts';

export interface Conv3dOptions {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: number | Triple;
  readonly stride?: number | Triple;
  readonly padding?: number | Triple;
  readonly dilation?: number | Triple;
  readonly bias?: boolean;
}

/**
 * Convolution with its weight [Cout, Cin, k, k, k] and bias [Cout].
 * x: [N, Cin, D, H, W] -> [N, Cout, D', H', W'].
 *
 * @see torch.nn.Conv3d (groups 1)
 */
export class Conv3d extends Module {
  private readonly weight: Parameter;
  private readonly bias: Parameter | null = null;
  private readonly geometry: { stride: Triple; padding: Triple; dilation: Triple };

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
      dilation = 1,
      bias = true,
    }: Conv3dOptions,
  ) {
    super();
    this.geometry = {
      stride: toTriple(stride, 'Conv3d.stride'),
      padding: toTriple(padding, 'Conv3d.padding'),
      dilation: toTriple(dilation, 'Conv3d.dilation'),
    };
    const shape = [outChannels, inChannels, ...toTriple(kernelSize, 'Conv3d.kernelSize')];
    const initial = convolutionInit(rng, shape, bias ? outChannels : 0);
    this.weight = this.addParameter(
      'weight',
      new Parameter(gpu, initial.weight, shape, 'Conv3d.weight'),
      true,
    );
    if (bias) {
      this.bias = this.addParameter(
        'bias',
        new Parameter(gpu, initial.bias, [outChannels], 'Conv3d.bias'),
        false,
      );
    }
  }

  forward(tape: Tape, x: Variable): Variable {
    return conv3d(tape, x, this.weight, this.bias, this.geometry);
  }
}
