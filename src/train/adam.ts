/** fastai's Adam over the parameters of a module, with its averages on the GPU. */
import type { Parameter } from '../autograd/variable.ts';
import { ConfigError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import { adamStep } from '../kernels/adam.ts';
import type { NamedParameter } from '../nn/module.ts';

/** fastai's, decoupled. */
export const WEIGHT_DECAY = 0.01;

export interface AdamOptions {
  /** Decay of the average of squared gradients. Default 0.99. */
  readonly sqrMomentum?: number;
  /** Default 1e-5. */
  readonly eps?: number;
  /** Of weights, not of biases and norms. Default 0.01. */
  readonly weightDecay?: number;
}

/** What a step needs besides the gradients; scheduled. */
export interface AdamRate {
  readonly lr: number;
  readonly momentum: number;
}

/** Optimiser state of one parameter. */
export interface AdamAverages {
  /** Updates so far. */
  readonly steps: number;
  readonly gradAvg: Float32Array;
  readonly sqrAvg: Float32Array;
}

/** Gradients of a scaled loss. */
export interface ScaledGradients {
  readonly scale: number;
  /** [1]; unless it holds 0, nothing is updated. */
  readonly overflow: Tensor;
}

interface Slot {
  readonly name: string;
  readonly parameter: Parameter;
  readonly weightDecay: number;
  readonly gradAvg: Tensor;
  readonly sqrAvg: Tensor;
  steps: number;
}

/**
 * Decoupled weight decay first, then a step along the bias-corrected averages. The correction uses
 * the momentum of the moment, as fastai does, so it is not PyTorch's AdamW.
 *
 * @see fastai optimizer.Adam(mom, sqr_mom=.99, eps=1e-5, wd=.01) with wd_bn_bias False
 */
export class Adam {
  private readonly gpu: Gpu;
  private readonly slots: readonly Slot[];
  /** In the last step. */
  private updated: readonly Slot[] = [];
  private readonly sqrMomentum: number;
  private readonly eps: number;

  constructor(gpu: Gpu, parameters: readonly NamedParameter[], options: AdamOptions = {}) {
    const { sqrMomentum = 0.99, eps = 1e-5, weightDecay = WEIGHT_DECAY } = options;
    this.gpu = gpu;
    this.sqrMomentum = sqrMomentum;
    this.eps = eps;
    this.slots = parameters.map(({ name, parameter, weightDecay: decays }) => {
      const zeros = new Float32Array(parameter.value.size);
      return {
        name,
        parameter,
        weightDecay: decays ? weightDecay : 0,
        gradAvg: gpu.upload(zeros, parameter.shape, `Adam.gradAvg ${name}`),
        sqrAvg: gpu.upload(zeros, parameter.shape, `Adam.sqrAvg ${name}`),
        steps: 0,
      };
    });
  }

  /** Updates every parameter that has a gradient, and forgets the gradient. */
  step(scope: Scope, { lr, momentum }: AdamRate, scaled?: ScaledGradients): void {
    const { sqrMomentum, eps } = this;
    this.updated = this.slots.filter(({ parameter }) => parameter.grad);
    for (const slot of this.updated) {
      const { parameter, gradAvg, sqrAvg, weightDecay } = slot;
      slot.steps++;
      adamStep(
        scope,
        {
          parameter: parameter.value,
          grad: parameter.grad!,
          gradAvg,
          sqrAvg,
          overflow: scaled?.overflow,
        },
        {
          lr,
          momentum,
          sqrMomentum,
          eps,
          weightDecay,
          step: slot.steps,
          lossScale: scaled?.scale ?? 1,
        },
      );
      parameter.grad = undefined;
    }
  }

  /** Takes back the count of the last step: the GPU has skipped it. */
  uncount(): void {
    for (const slot of this.updated) slot.steps--;
    this.updated = [];
  }

  /** Copies the averages from the GPU, by parameter name. */
  async state(): Promise<Map<string, AdamAverages>> {
    const state = new Map<string, AdamAverages>();
    for (const { name, gradAvg, sqrAvg, steps } of this.slots) {
      state.set(name, {
        steps,
        gradAvg: await this.gpu.read(gradAvg),
        sqrAvg: await this.gpu.read(sqrAvg),
      });
    }
    return state;
  }

  /** Continues from `state`. Throws ConfigError if a parameter's averages are missing or do not fit. */
  load(state: ReadonlyMap<string, AdamAverages>): void {
    for (const { name, gradAvg, sqrAvg } of this.slots) {
      const entry = state.get(name);
      if (entry?.gradAvg.length !== gradAvg.size || entry.sqrAvg.length !== sqrAvg.size) {
        throw new ConfigError(
          `Adam.load: the state does not fit. Got ${entry?.gradAvg.length ?? 'no'} averages for '${name}' of ${gradAvg.size} values. Load the state of the same network.`,
        );
      }
    }
    for (const slot of this.slots) {
      const entry = state.get(slot.name)!;
      this.gpu.write(slot.gradAvg, entry.gradAvg);
      this.gpu.write(slot.sqrAvg, entry.sqrAvg);
      slot.steps = entry.steps;
    }
  }

  dispose(): void {
    for (const { gradAvg, sqrAvg } of this.slots) {
      this.gpu.release(gradAvg);
      this.gpu.release(sqrAvg);
    }
  }
}
