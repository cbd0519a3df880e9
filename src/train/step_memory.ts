/** What a training step takes on the GPU, known before it runs. */
import { DryGpu } from '../gpu/dry_gpu.ts';
import type { Precision } from '../gpu/shader.ts';
import { UNet } from '../nn/unet.ts';
import type { UNetOptions } from '../nn/unet_config.ts';
import { Rng } from '../rng.ts';
import type { Triple } from '../shape.ts';
import { Adam } from './adam.ts';
import { dryStep } from './dry_step.ts';

/** Bytes; the first four add up to the last. */
export interface StepMemory {
  readonly parameters: number;
  /** The optimiser's two averages. */
  readonly moments: number;
  /** The batch, and what the forward pass keeps for the backward pass. */
  readonly activations: number;
  /** What gradients and scratch add where the step takes most. */
  readonly backward: number;
  /** The most that is in use at once. */
  readonly peak: number;
}

export interface StepMemoryOptions {
  /** Patches per forward and backward pass. */
  readonly batchSize: number;
  /** Names of what batches go through on the GPU, see `gpuStageNames`. Default: nothing. */
  readonly augmentations?: readonly string[];
  /** As of `Learner`. Default 1. */
  readonly accumulate?: number;
  /** As of `Learner`. Default false. */
  readonly checkpointing?: boolean;
  /** As of `Learner`. Default f32. */
  readonly precision?: Precision;
  /** Like the adapter to train on. Default: what every adapter has. */
  readonly gpu?: DryGpu;
}

/** Nobody will see the weights. */
class NoRng extends Rng {
  override uniform(): number {
    return 0;
  }
}

/**
 * Plans the steps of one network: runs the very code of a step on a GPU that only counts. What a
 * pool keeps of released buffers for reuse is not counted, and neither are kernels in the driver.
 *
 * @returns bytes by patch size; throws GpuError for a patch of which a tensor is larger than a
 *   binding may be, ShapeError for one that does not fit the network
 * @throws ConfigError for options of the network that do not fit together
 */
export function stepMemory(
  network: UNetOptions,
  {
    batchSize,
    augmentations = [],
    accumulate = 1,
    checkpointing = false,
    precision = 'f32',
    gpu = new DryGpu(),
  }: StepMemoryOptions,
): (patchSize: Triple) => StepMemory {
  const { pool } = gpu;
  const before = pool.bytesInUse;
  const model = new UNet(gpu, new NoRng([0, 0]), network);
  const parameters = pool.bytesInUse - before;
  const adam = new Adam(gpu, model.namedParameters());
  const standing = pool.bytesInUse;
  return (patchSize) => {
    let activations = 0;
    pool.resetPeak();
    dryStep(gpu, model, adam, {
      batchSize,
      inChannels: network.inChannels,
      patchSize,
      augmentations,
      accumulate,
      checkpointing,
      precision,
      onLoss: () => {
        activations = pool.bytesInUse - standing;
      },
    });
    const peak = pool.peakBytes - before;
    const moments = standing - before - parameters;
    const backward = peak - parameters - moments - activations;
    return { parameters, moments, activations, backward, peak };
  };
}
