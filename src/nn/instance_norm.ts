import { instanceNorm } from '../autograd/instance_norm.ts';
import type { Tape } from '../autograd/tape.ts';
import { Parameter, type Variable } from '../autograd/variable.ts';
import type { Gpu } from '../gpu/device.ts';
import { Module } from './module.ts';

/**
 * Zero mean and unit variance per sample and channel; with `affine`, then a learned scale and
 * shift per channel (1 and 0 at first). No running statistics: training and inference are equal.
 *
 * @see torch.nn.InstanceNorm3d (eps 1e-5)
 */
export class InstanceNorm extends Module {
  readonly affine: { weight: Parameter; bias: Parameter } | undefined;

  constructor(gpu: Gpu, { channels, affine = false }: { channels: number; affine?: boolean }) {
    super();
    if (!affine) return;
    const ones = new Float32Array(channels).fill(1);
    const zeros = new Float32Array(channels);
    const weight = new Parameter(gpu, ones, [channels], 'InstanceNorm.weight');
    const bias = new Parameter(gpu, zeros, [channels], 'InstanceNorm.bias');
    this.affine = {
      weight: this.addParameter('weight', weight, false),
      bias: this.addParameter('bias', bias, false),
    };
  }

  forward(tape: Tape, x: Variable): Variable {
    return instanceNorm(tape, x, this.affine);
  }
}
