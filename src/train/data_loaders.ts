/** From lists of subjects to batches: reading, preprocessing, patches, augmentation. */
import { VoxgradError } from '../errors.ts';
import type { PatchConfig } from '../patch/patch_config.ts';
import { preprocess, trainingPreprocessingOf } from '../patch/preprocessing.ts';
import { type PatchBatch, PatchQueue } from '../patch/queue.ts';
import { samplerOf } from '../patch/sampler.ts';
import type { Subject } from '../patch/subject.ts';
import type { Transform } from '../patch/transforms/transform.ts';
import { Rng } from '../rng.ts';
import type { Batch, BatchLoader } from './batch.ts';
import { splitAugmentations } from './gpu_augmentations.ts';

export interface DataLoadersOptions<R extends { readonly name: string }> {
  readonly train: readonly R[];
  readonly valid: readonly R[];
  /** Reads one subject with its label map as it is in the file. */
  readonly readSubject: (record: R, signal?: AbortSignal) => Promise<Subject>;
  readonly config: PatchConfig;
  readonly batchSize: number;
  /** Of training patches, after the queue, in this order. */
  readonly augmentations?: readonly Transform[];
  /**
   * Where they run. `gpu`, the default: those at the end of the list that have GPU ops are drawn
   * here and applied by the learner, see `augmentations` of a batch. `cpu`: all of them run here.
   * Drawn numbers are the same.
   */
  readonly augmentOn?: 'gpu' | 'cpu';
  readonly seed?: number;
  /** Limit of each of the two queues. Default 2 GiB. */
  readonly maxBytes?: number;
}

/**
 * Training batches in random order, the last one only if full; validation batches in order, all of
 * them, sampled in the same random way. There is no validation loader without records for it.
 *
 * @see fastMONAI MedPatchDataLoaders
 */
export function dataLoaders<R extends { readonly name: string }>(
  options: DataLoadersOptions<R>,
): { train: BatchLoader; valid?: BatchLoader } {
  const train = loader(options, options.train, true);
  return options.valid.length > 0
    ? { train, valid: loader(options, options.valid, false) }
    : { train };
}

function loader<R extends { readonly name: string }>(
  options: DataLoadersOptions<R>,
  records: readonly R[],
  isTraining: boolean,
): BatchLoader {
  const { config, batchSize, readSubject, seed = 0, maxBytes } = options;
  const { augmentations = [], augmentOn = 'gpu' } = options;
  const all = isTraining ? augmentations : [];
  const preprocessing = trainingPreprocessingOf(config);
  const queue = new PatchQueue({
    source: {
      count: records.length,
      name: (index) => records[index]!.name,
      load: async (index, signal) => {
        const subject = await readSubject(records[index]!, signal);
        return preprocess(subject, preprocessing).subject;
      },
    },
    sampler: samplerOf(config),
    batchSize,
    samplesPerVolume: config.samplesPerVolume,
    queueLength: config.queueLength,
    shuffle: isTraining,
    dropLast: isTraining,
    ...(augmentOn === 'gpu' ? splitAugmentations(all) : { transforms: all }),
    // Other patches than training would cut of the same subject.
    seed: Rng.seed(seed)
      .fold(isTraining ? 0 : 1)
      .next(),
    ...(maxBytes === undefined ? {} : { maxBytes }),
  });
  return {
    batches: queue.length,
    async *epoch(epoch, { signal, firstBatch } = {}) {
      for await (const batch of queue.epoch(epoch, signal, firstBatch)) yield toBatch(batch);
    },
  };
}

/** Labels as class indices. Throws VoxgradError for label values that are no class. */
function toBatch({ image, imageShape, label, names, augmentations }: PatchBatch): Batch {
  const [samples, , ...size] = imageShape;
  const voxels = image.length / (samples * imageShape[1]);
  if (!label || label.length !== samples * voxels) {
    throw new VoxgradError(
      `dataLoaders: a label map needs exactly one channel. Got ${label ? label.length / (samples * voxels) : 0} in a batch of ${names.join(', ')}. Pair each scan with one label map.`,
    );
  }
  const classes = new Uint32Array(label.length);
  for (let n = 0; n < label.length; n++) {
    const value = label[n]!;
    if (!(value >= 0) || !Number.isInteger(value)) {
      throw new VoxgradError(
        `dataLoaders: a label is not a class. Got ${value} in the label map of '${names[Math.floor(n / voxels)]}'. Labels are whole numbers from 0.`,
      );
    }
    classes[n] = value;
  }
  return { image, imageShape, label: classes, labelShape: [samples, 1, ...size], augmentations };
}
