/** One of the two loaders of `MedPatchDataLoaders`: batches, and the subjects that they come from. */
import { ConfigError } from '../errors.ts';
import type { Subject } from '../patch/subject.ts';
import type { Triple } from '../shape.ts';
import { augmentOnCpu, type Batch, type BatchLoader, type EpochOptions } from '../train/batch.ts';
import type { SubjectFiles } from './dataset_folder.ts';
import { type BatchSheetOptions, batchSheet } from './figure/batch_sheet.ts';
import type { SubjectLoader } from './subject_loader.ts';
import { writeWholeFile } from './whole_file.ts';

/** A row of the table with the paths in it. */
export interface SubjectRecord<R> extends SubjectFiles {
  readonly record: R;
}

/** A subject as training sees it, preprocessed, with the files that it comes from. */
export interface LoadedSubject<R> extends Subject {
  readonly imagePath: string;
  readonly labelPath: string;
  readonly record: R;
}

/** @see fastMONAI MedPatchDataLoader */
export class MedPatchDataLoader<R> implements BatchLoader {
  /** Patches per batch. */
  readonly bs: number;
  private readonly batchesOf: BatchLoader;
  private readonly files: readonly SubjectRecord<R>[];
  private readonly subjects: SubjectLoader;
  private readonly spacing: Triple | null;

  constructor(
    batchesOf: BatchLoader,
    files: readonly SubjectRecord<R>[],
    subjects: SubjectLoader,
    { bs, targetSpacing }: { readonly bs: number; readonly targetSpacing: Triple | null },
  ) {
    this.batchesOf = batchesOf;
    this.files = files;
    this.subjects = subjects;
    this.bs = bs;
    this.spacing = targetSpacing;
  }

  /** Batches per epoch. */
  get batches(): number {
    return this.batchesOf.batches;
  }

  epoch(epoch: number, options?: EpochOptions): AsyncIterable<Batch> | Iterable<Batch> {
    return this.batchesOf.epoch(epoch, options);
  }

  /** Names of the subjects, in the order of `records`. */
  get names(): string[] {
    return this.files.map(({ name }) => name);
  }

  /** The rows whose subjects are in this loader, in its order. */
  get records(): R[] {
    return this.files.map(({ record }) => record);
  }

  /**
   * The subjects, loaded and preprocessed one by one as they are asked for.
   *
   * @see fastMONAI dls.train.subjects_dataset
   */
  get subjectsDataset(): AsyncIterable<LoadedSubject<R>> & { readonly length: number } {
    const { files, subjects } = this;
    return {
      length: files.length,
      async *[Symbol.asyncIterator]() {
        for (const file of files) {
          const subject = await subjects.load(file);
          const { image: imagePath, label: labelPath, record } = file;
          yield { ...subject, imagePath, labelPath, record };
        }
      },
    };
  }

  /**
   * The first batch of an epoch as the network will see it, augmentations applied.
   *
   * @throws ConfigError if the epoch has none
   * @see fastai DataLoader.one_batch
   */
  async oneBatch(options: EpochOptions & { readonly epoch?: number } = {}): Promise<Batch> {
    for await (const batch of this.epoch(options.epoch ?? 0, options)) return augmentOnCpu(batch);
    throw new ConfigError(
      `MedPatchDataLoader.oneBatch: there is no batch. ${this.files.length} subjects give ${this.batches} batches of ${this.bs}. Use more subjects, more patches per volume or a smaller batch.`,
    );
  }

  /**
   * A contact sheet of `oneBatch`, as PNG bytes.
   *
   * @see fastai DataLoaders.show_batch
   */
  async showBatch({
    path,
    epoch = 0,
    signal,
    ...options
  }: BatchSheetOptions & {
    /** Where to write it, too. */
    readonly path?: string;
    readonly epoch?: number;
    readonly signal?: AbortSignal;
  } = {}): Promise<Uint8Array> {
    const batch = await this.oneBatch({ epoch, signal });
    const png = batchSheet(batch, { spacing: this.spacing, ...options });
    if (path !== undefined) await writeWholeFile(path, png);
    return png;
  }
}
