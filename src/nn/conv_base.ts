import { concat } from '../autograd/concat.ts';
import type { Tape } from '../autograd/tape.ts';
import { Parameter, type Variable } from '../autograd/variable.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Rng } from '../rng.ts';
import { type Triple, toTriple } from '../shape.ts';
import { convolutionInit } from './init.ts';
import { Module } from './module.ts';

/** What a convolution and a transposed one have in common; a number means the same on all axes. */
export interface ConvBaseOptions {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: number | Triple;
  readonly stride?: number | Triple;
  readonly padding?: number | Triple;
  readonly bias?: boolean;
}

/** The weight and, unless it is switched off, the bias of a convolution. @see torch's _ConvNd */
export abstract class ConvBase extends Module {
  protected readonly weight: Parameter;
  protected readonly bias: Parameter | null;
  protected readonly stride: Triple;
  protected readonly padding: Triple;

  /**
   * @param rng draws the initial weights; it advances
   * @param channels the weight's first two sizes
   */
  constructor(
    gpu: Gpu,
    rng: Rng,
    name: string,
    channels: readonly [number, number],
    { outChannels, kernelSize, stride = 1, padding = 0, bias = true }: ConvBaseOptions,
  ) {
    super();
    this.stride = toTriple(stride, `${name}.stride`);
    this.padding = toTriple(padding, `${name}.padding`);
    const shape = [...channels, ...toTriple(kernelSize, `${name}.kernelSize`)];
    const initial = convolutionInit(rng, shape, bias ? outChannels : 0);
    const weight = new Parameter(gpu, initial.weight, shape, `${name}.weight`);
    this.weight = this.addParameter('weight', weight, true);
    this.bias = bias
      ? this.addParameter(
          'bias',
          new Parameter(gpu, initial.bias, [outChannels], `${name}.bias`),
          false,
        )
      : null;
  }

  /** y of `inputs` as if they were joined on the channel axis. */
  forwardJoined(tape: Tape, inputs: readonly Variable[]): Variable {
    return this.forward(tape, concat(tape, inputs));
  }
}
