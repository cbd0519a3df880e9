/** From lists of subjects to batches: reading, preprocessing, patches, augmentation. */
import { VoxgradError } from '../errors.ts';
import { ByteBudget } from '../patch/byte_budget.ts';
import type { OnUnreadable } from '../patch/epoch_reader.ts';
import type { PatchConfig } from '../patch/patch_config.ts';
import { preprocess, trainingPreprocessingOf } from '../patch/preprocessing.ts';
import { type PatchBatch, PatchQueue } from '../patch/queue.ts';
import { samplerOf } from '../patch/sampler.ts';
import type { Subject } from '../patch/subject.ts';
import type { SubjectBytes } from '../patch/subject_cache.ts';
import type { Transform } from '../patch/transforms/transform.ts';
import { Rng } from '../rng.ts';
import type { Batch, BatchLoader } from './batch.ts';
import { splitAugmentations } from './gpu_augmentations.ts';

export interface DataLoadersOptions<R extends { readonly name: string }> {
  readonly train: readonly R[];
  readonly valid: readonly R[];
  /** Reads one subject with its label map as it is in the file; see `isPreprocessed`. */
  readonly readSubject: (record: R, signal?: AbortSignal) => Promise<Subject>;
  /**
   * What `readSubject` gives went through `preprocess` with `trainingPreprocessingOf(config)`, in a
   * thread for example. Default false: it is done here.
   */
  readonly isPreprocessed?: boolean;
  /** What a subject will take, e.g. from its header. */
  readonly subjectBytes?: (record: R, signal?: AbortSignal) => SubjectBytes | Promise<SubjectBytes>;
  /** Subjects that are read at the same time. Default 1. */
  readonly readers?: number;
  /** Of subjects that cannot be read, see `PatchQueueOptions`. Default 'fatal'. */
  readonly onUnreadable?: OnUnreadable;
  readonly onWarning?: (message: string) => void;
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
  /**
   * Limit for all volumes and patches, of both loaders together. Volumes stay loaded while they fit.
   * Default: at most 2 GiB, of which only as many volumes are kept as the queue mixes at a time.
   */
  readonly maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 2 ** 31;

/**
 * Training batches in random order, the last one only if full; validation batches in order, all of
 * them, sampled in the same random way. There is no validation loader without records for it.
 *
 * @see fastMONAI MedPatchDataLoaders
 */
export function dataLoaders<R extends { readonly name: string }>(
  options: DataLoadersOptions<R>,
): { train: BatchLoader; valid?: BatchLoader } {
  const budget = new ByteBudget(options.maxBytes ?? DEFAULT_MAX_BYTES);
  const train = loader(options, options.train, budget, true);
  return options.valid.length > 0
    ? { train, valid: loader(options, options.valid, budget, false) }
    : { train };
}

function loader<R extends { readonly name: string }>(
  options: DataLoadersOptions<R>,
  records: readonly R[],
  budget: ByteBudget,
  isTraining: boolean,
): BatchLoader {
  const { config, batchSize, readSubject, seed = 0, maxBytes } = options;
  const { augmentations = [], augmentOn = 'gpu' } = options;
  const all = isTraining ? augmentations : [];
  const { subjectBytes, readers = 1, onUnreadable = 'fatal', onWarning, isPreprocessed } = options;
  const preprocessing = trainingPreprocessingOf(config);
  const { samplesPerVolume, queueLength } = config;
  const queue = new PatchQueue({
    source: {
      count: records.length,
      name: (index) => records[index]!.name,
      load: async (index, signal) => {
        const subject = await readSubject(records[index]!, signal);
        return isPreprocessed ? subject : preprocess(subject, preprocessing).subject;
      },
      ...(subjectBytes ? { bytes: (index, signal) => subjectBytes(records[index]!, signal) } : {}),
    },
    sampler: samplerOf(config),
    batchSize,
    samplesPerVolume,
    queueLength,
    budget,
    readers,
    keepLoaded: maxBytes !== undefined || records.length * samplesPerVolume <= queueLength,
    onUnreadable,
    ...(onWarning ? { onWarning } : {}),
    shuffle: isTraining,
    dropLast: isTraining,
    ...(augmentOn === 'gpu' ? splitAugmentations(all) : { transforms: all }),
    // Other patches than training would cut of the same subject.
    seed: Rng.seed(seed)
      .fold(isTraining ? 0 : 1)
      .next(),
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
  const labelShape = [samples, 1, ...size];
  return { image, imageShape, label: classes, labelShape, augmentations, names };
}
