/** Averages the weights over the steps. */
import { ConfigError } from '../../errors.ts';
import type { Gpu } from '../../gpu/device.ts';
import type { Tensor } from '../../gpu/tensor.ts';
import { emaStep, emaSwap } from '../../kernels/ema.ts';
import type { Module, StateDict } from '../../nn/module.ts';
import type { Callback } from './callback.ts';

/**
 * Keeps an exponential moving average of the weights on the GPU, takes it for validation and for what
 * is saved, and leaves it in the model after the fit. Training itself goes on with the weights of the
 * last step. The average begins fast, so that the initial weights are soon forgotten: after n steps the
 * decay is at most (1 + n) / (10 + n).
 *
 * @throws ConfigError for a decay outside 0 to 1
 * @see torch.optim.swa_utils.get_ema_avg_fn; tf.train.ExponentialMovingAverage(decay, num_updates)
 */
export function emaWeights({
  decay = 0.999,
}: {
  /** Of the average per step. Default 0.999. */
  readonly decay?: number;
} = {}): Callback {
  if (!(decay >= 0 && decay < 1)) {
    throw new ConfigError(
      `emaWeights: the decay is a share. Got ${decay}. Pass 0 or more, and less than 1.`,
    );
  }
  let average: WeightAverage | undefined;
  return {
    name: 'emaWeights',
    beforeFit: async ({ gpu, model }) => {
      average = new WeightAverage(gpu, model, await model.stateDict());
    },
    load: ({ values, tensors }) => average!.load(Number(values), tensors!),
    afterStep: ({ scope }) => average!.update(scope, decay),
    beforeValidate: () => average!.show(true),
    afterValidate: () => average!.show(false),
    state: async () => ({ values: average!.updates, tensors: await average!.read() }),
    afterFit: () => average!.show(true),
    dispose: () => {
      average?.dispose();
      average = undefined;
    },
  };
}

/** Tensors of its own, one for each parameter. */
class WeightAverage {
  updates = 0;
  private readonly gpu: Gpu;
  private readonly model: Module;
  private readonly averages: ReadonlyMap<string, Tensor>;
  /** Whether the model has the averages, and the averages' place has the trained weights. */
  private isShown = false;

  constructor(gpu: Gpu, model: Module, weights: StateDict) {
    this.gpu = gpu;
    this.model = model;
    const entries = [...weights].map(
      ([name, { shape, data }]) => [name, gpu.upload(data, shape, `emaWeights ${name}`)] as const,
    );
    this.averages = new Map(entries);
  }

  update(scope: Parameters<typeof emaStep>[0], decay: number): void {
    const now = Math.min(decay, (1 + this.updates) / (10 + this.updates));
    for (const { name, parameter } of this.model.namedParameters()) {
      emaStep(scope, this.averages.get(name)!, parameter.value, now);
    }
    this.updates++;
  }

  /** Puts the averages into the model, or the trained weights. */
  show(isShown: boolean): void {
    if (this.isShown === isShown) return;
    this.isShown = isShown;
    using scope = this.gpu.scope();
    for (const { name, parameter } of this.model.namedParameters()) {
      emaSwap(scope, this.averages.get(name)!, parameter.value);
    }
  }

  async read(): Promise<StateDict> {
    const state: StateDict = new Map();
    for (const [name, tensor] of this.averages) {
      state.set(name, { shape: tensor.shape, data: await this.gpu.read(tensor) });
    }
    return state;
  }

  load(updates: number, tensors: StateDict): void {
    this.updates = updates;
    for (const [name, tensor] of this.averages) this.gpu.write(tensor, tensors.get(name)!.data);
  }

  dispose(): void {
    for (const tensor of this.averages.values()) this.gpu.release(tensor);
  }
}
