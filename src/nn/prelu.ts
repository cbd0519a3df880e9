import { prelu } from '../autograd/prelu.ts';
import type { Tape } from '../autograd/tape.ts';
import { Parameter, type Variable } from '../autograd/variable.ts';
import type { Gpu } from '../gpu/device.ts';
import { Module } from './module.ts';

/** PReLU with one learned slope for all channels, 0.25 at first. @see torch.nn.PReLU */
export class Prelu extends Module {
  readonly weight: Parameter;

  constructor(gpu: Gpu) {
    super();
    const initial = new Parameter(gpu, Float32Array.of(0.25), [1], 'Prelu.weight');
    this.weight = this.addParameter('weight', initial, true);
  }

  forward(tape: Tape, x: Variable): Variable {
    return prelu(tape, x, this.weight);
  }
}
