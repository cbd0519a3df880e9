/** What the settings of a run train: network, learner and batches. The same on Node and in browsers. */
import type { Gpu } from '../gpu/device.ts';
import { UNet } from '../nn/unet.ts';
import { transformFromSpec } from '../patch/transforms/from_spec.ts';
import { Rng } from '../rng.ts';
import type { DataLoaders } from './batch.ts';
import { buildModel, type DecodedModel } from './checkpoint.ts';
import { type DataLoadersOptions, dataLoaders } from './data_loaders.ts';
import { Learner } from './learner.ts';
import type { RunConfig } from './run_config.ts';

/** Who is read, and how; the settings say the rest. */
export type RunData<R extends { readonly name: string }> = Pick<
  DataLoadersOptions<R>,
  'train' | 'valid' | 'readSubject' | 'isPreprocessed' | 'subjectBytes' | 'readers' | 'onWarning'
>;

export interface RunLearnerOptions<R extends { readonly name: string }> {
  readonly gpu: Gpu;
  readonly run: RunConfig;
  /** Channels of the images. */
  readonly inChannels: number;
  /** Classes with background. */
  readonly outChannels: number;
  readonly data: RunData<R>;
  /** Training goes on from these weights. Default: those that the seed gives. */
  readonly start?: DecodedModel;
}

export interface RunLearner {
  /** Initial weights. */
  readonly model: UNet;
  readonly learner: Learner;
  readonly loaders: DataLoaders;
  /** Gives back what model and learner hold. */
  dispose(): void;
}

/**
 * The same for the same settings and data: weights, batches and their order. Reads nothing yet.
 *
 * @throws GpuError for half precision where the adapter has none
 * @throws ConfigError and ShapeError for weights that do not fit the network
 */
export function runLearner<R extends { readonly name: string }>(
  options: RunLearnerOptions<R>,
): RunLearner {
  const { gpu, run, inChannels, outChannels, data, start } = options;
  const { seed, batchSize, weightDecay, accumulate, checkpointing, precision } = run.training;
  const { dataMemoryGiB, onUnreadable } = run.training;
  const loaders = dataLoaders({
    ...data,
    config: run.patch,
    batchSize,
    augmentations: run.augmentations.map(transformFromSpec),
    seed,
    onUnreadable,
    ...(dataMemoryGiB === undefined ? {} : { maxBytes: Math.round(dataMemoryGiB * 2 ** 30) }),
  });
  const network = { ...run.network, inChannels, outChannels };
  const model = start ? buildModel(gpu, start) : new UNet(gpu, Rng.seed(seed).fold(0), network);
  const adam = { weightDecay };
  const learner = new Learner({ gpu, model, seed, adam, accumulate, checkpointing, precision });
  const dispose = (): void => {
    learner.dispose();
    model.dispose();
  };
  return { model, learner, loaders, dispose };
}
