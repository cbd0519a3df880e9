import { ConfigError, ShapeError } from '../errors.ts';
import { Rng } from '../rng.ts';
import { sameShape, showShape, type Triple } from '../shape.ts';
import { ByteBudget } from './byte_budget.ts';
import { type AugmentationStage, type AugmentedPatch, augmentPatch, stagesOf } from './deferred.ts';
import { EpochReader, isUnreadable, type OnUnreadable } from './epoch_reader.ts';
import type { PatchLocation } from './location.ts';
import { epochPlan } from './queue_plan.ts';
import type { Sampler } from './sampler.ts';
import { SubjectCache, type SubjectSource } from './subject_cache.ts';
import type { Transform } from './transforms/transform.ts';

export interface PatchQueueOptions {
  readonly source: SubjectSource;
  readonly sampler: Sampler;
  /** Patches per batch. */
  readonly batchSize: number;
  readonly samplesPerVolume?: number;
  /** Patches among which the order is random. */
  readonly queueLength?: number;
  /** Random order of subjects and patches; training only. */
  readonly shuffle?: boolean;
  /** Leave out a last batch that is not full; training only. */
  readonly dropLast?: boolean;
  /** Augmentation of each patch on its own; training only. */
  readonly transforms?: readonly Transform[];
  /** Transforms after these that are drawn only: whoever takes a batch applies its `augmentations`. */
  readonly deferred?: readonly Transform[];
  readonly seed?: number;
  /** Limit for subjects, patches and one batch together; or a budget that several queues share. */
  readonly maxBytes?: number;
  readonly budget?: ByteBudget;
  /** Subjects that are read at the same time. Default 1. */
  readonly readers?: number;
  /**
   * Keep subjects that have no patch left in the epoch, while they fit. If not, memory is the same
   * for any number of subjects. Default true.
   */
  readonly keepLoaded?: boolean;
  /**
   * What becomes of a subject that cannot be read: the epoch ends with an error that names it
   * (`fatal`, the default), or its patches are cut from the next readable subject in the list instead
   * (`skip`), so that the number of batches stays.
   */
  readonly onUnreadable?: OnUnreadable;
  /** Receives a sentence about each subject that is skipped, once. */
  readonly onWarning?: (message: string) => void;
}

const COUNTS = ['batchSize', 'samplesPerVolume', 'queueLength', 'maxBytes', 'readers'] as const;

export interface PatchBatch {
  /** `[N, C, pi, pj, pk]` */
  readonly image: Float32Array;
  readonly imageShape: readonly [number, number, number, number, number];
  /** Class indices `[N, 1, pi, pj, pk]`; null if the subjects have none. */
  readonly label: Float32Array | null;
  /** Subject of each patch. */
  readonly names: readonly string[];
  readonly locations: readonly PatchLocation[];
  /** What was drawn of the deferred transforms, in their order. */
  readonly augmentations: readonly AugmentationStage[];
}

/**
 * Batches of random patches from any number of subjects in bounded memory. Subjects are loaded some
 * way ahead of the consumer, and stay loaded while they fit.
 *
 * The n-th patch of an epoch depends only on the seed, the epoch, n and which subjects are readable:
 * neither on memory, nor on how fast anything runs or how many read, nor on other epochs.
 *
 * @see TorchIO Queue, fastMONAI MedPatchDataLoader
 * Differs from TorchIO: the queue's order is worked out beforehand, so the first batch waits for its
 * own subjects only, not for a full queue.
 */
export class PatchQueue {
  private readonly options: PatchQueueOptions & Required<Omit<PatchQueueOptions, 'budget'>>;
  private readonly budget: ByteBudget;
  private readonly cache: SubjectCache;

  /** @throws ConfigError if a count is not a positive integer */
  constructor(options: PatchQueueOptions) {
    this.options = {
      samplesPerVolume: 8,
      queueLength: 300,
      shuffle: true,
      dropLast: true,
      transforms: [],
      deferred: [],
      seed: 0,
      maxBytes: 2 ** 31,
      readers: 1,
      keepLoaded: true,
      onUnreadable: 'fatal',
      onWarning: () => {},
      ...options,
    };
    for (const name of COUNTS) {
      const value = this.options[name];
      if (Number.isInteger(value) && value > 0) continue;
      throw new ConfigError(
        `PatchQueue: ${name} is not a positive integer. Got ${value}. Pass 1 or more.`,
      );
    }
    this.budget = options.budget ?? new ByteBudget(this.options.maxBytes);
    const { source, onUnreadable, onWarning } = this.options;
    this.cache = new SubjectCache(source, this.budget, (failure) => {
      if (onUnreadable !== 'skip' || !isUnreadable(failure)) return;
      onWarning(`${failure.message} It is skipped.`);
    });
  }

  /** Batches in one epoch. */
  get length(): number {
    const { source, samplesPerVolume, batchSize, dropLast } = this.options;
    const batches = (source.count * samplesPerVolume) / batchSize;
    return dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  /** Bytes held now: subjects, patches and the batch in work. */
  get bytes(): number {
    return this.budget.bytes;
  }

  /** Most bytes ever held. */
  get peakBytes(): number {
    return this.budget.peakBytes;
  }

  /**
   * The batches of one epoch. Leaving the loop early is fine; run one epoch at a time.
   *
   * @param first batch to begin with
   * @throws VoxgradError that names a subject which could not be loaded
   * @throws ConfigError  if one subject and one batch do not fit into maxBytes
   */
  async *epoch(
    epoch: number,
    signal?: AbortSignal,
    first = 0,
  ): AsyncGenerator<PatchBatch, void, void> {
    const { source, sampler, batchSize, transforms, deferred, seed, dropLast } = this.options;
    const rng = Rng.seed(seed).fold(epoch);
    const whole = epochPlan({ ...this.options, subjects: source.count }, rng);
    const plan = dropLast ? whole.slice(0, this.length * batchSize) : whole;
    const reader = new EpochReader(
      { ...this.options, plan, start: first * batchSize, rng: rng.fold(2), signal },
      this.cache,
      this.budget,
    );
    try {
      for (let start = first * batchSize; start < plan.length; start += batchSize) {
        const end = Math.min(start + batchSize, plan.length);
        const batch = new BatchBuilder(end - start, sampler.patchSize, deferred);
        for (let n = start; n < end; n++) {
          signal?.throwIfAborted();
          const cut = await reader.take();
          batch.add(augmentPatch(cut, transforms, deferred, rng.fold(3).fold(n)));
        }
        reader.prefetch();
        yield batch.done();
      }
    } finally {
      reader.close();
    }
  }
}

/** Puts patches one behind the other; all must have the first one's channels. */
class BatchBuilder {
  private readonly count: number;
  private readonly patchSize: Triple;
  private readonly deferred: readonly Transform[];
  private readonly drawn: AugmentedPatch['drawn'][] = [];
  private readonly names: string[] = [];
  private readonly locations: PatchLocation[] = [];
  private image = new Float32Array();
  private label: Float32Array | null = null;
  private shape: readonly number[] = [];

  constructor(count: number, patchSize: Triple, deferred: readonly Transform[]) {
    this.count = count;
    this.patchSize = patchSize;
    this.deferred = deferred;
  }

  add({ patch: { name, image, label }, location, drawn }: AugmentedPatch): void {
    const n = this.names.length;
    if (n === 0) {
      this.shape = [image.shape[0], ...this.patchSize];
      this.image = new Float32Array(this.count * image.data.length);
      this.label = label ? new Float32Array(this.count * label.data.length) : null;
    }
    if (!sameShape(image.shape, this.shape) || !label !== !this.label) {
      throw new ShapeError(
        `PatchQueue: patches of one batch differ. Got ${showShape(image.shape)} [C,I,J,K] ${label ? 'with' : 'without'} label map from '${name}', the first has ${showShape(this.shape)} ${this.label ? 'with' : 'without'}. Give all subjects the same channels, and use transforms that keep the size.`,
      );
    }
    this.image.set(image.data, n * image.data.length);
    if (label) this.label?.set(label.data, n * label.data.length);
    this.names.push(name);
    this.locations.push(location);
    this.drawn.push(drawn);
  }

  done(): PatchBatch {
    const [C = 0, I = 0, J = 0, K = 0] = this.shape;
    const { image, label, names, locations } = this;
    const augmentations = stagesOf(this.deferred, this.drawn);
    return { image, imageShape: [this.count, C, I, J, K], label, names, locations, augmentations };
  }
}
