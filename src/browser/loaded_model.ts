/** A model file in the worker, and its network on whichever GPU is alive. */
import type { Gpu } from '../gpu/device.ts';
import type { UNet } from '../nn/unet.ts';
import { buildModel, type DecodedModel } from '../train/checkpoint.ts';
import { divisorOf } from '../train/plan.ts';
import type { ModelFacts } from './protocol.ts';

export class LoadedModel {
  readonly decoded: DecodedModel;
  private built: { readonly gpu: Gpu; readonly network: UNet } | undefined;

  constructor(decoded: DecodedModel) {
    this.decoded = decoded;
  }

  /** The network on `gpu`, built at the first call and after a loss; it belongs to this object. */
  on(gpu: Gpu): UNet {
    if (this.built?.gpu !== gpu) {
      // Of a lost device nothing has to be given back.
      this.built = { gpu, network: buildModel(gpu, this.decoded) };
    }
    return this.built.network;
  }

  facts(gpu: Gpu): ModelFacts {
    const { architecture, classNames, patchConfig } = this.decoded;
    return {
      classNames,
      channels: architecture.channels,
      inChannels: architecture.inChannels,
      patchSize: patchConfig.patchSize,
      patchDivisor: divisorOf(architecture.strides),
      spacing: patchConfig.targetSpacing,
      parameters: this.on(gpu).parameterCount,
      binary: classNames.length === 2,
    };
  }

  /** Gives the network's memory back. */
  dispose(): void {
    this.built?.network.dispose();
    this.built = undefined;
  }
}
