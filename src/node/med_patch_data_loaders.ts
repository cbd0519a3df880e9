/** From a table of files to batches of patches: training and validation. */
import { isDeepStrictEqual } from 'node:util';
import { ConfigError } from '../errors.ts';
import type { OnUnreadable } from '../patch/epoch_reader.ts';
import type { PatchConfig } from '../patch/patch_config.ts';
import { preprocessingTransforms, trainingPreprocessingOf } from '../patch/preprocessing.ts';
import type { Transform, TransformSpec } from '../patch/transforms/transform.ts';
import type { Triple } from '../shape.ts';
import type { DataLoaders } from '../train/batch.ts';
import { dataLoaders } from '../train/data_loaders.ts';
import { fromDfSplit } from '../train/split.ts';
import { MedPatchDataLoader, type SubjectRecord } from './med_patch_data_loader.ts';
import { caseName } from './nifti_names.ts';
import { SubjectLoader } from './subject_loader.ts';

export interface FromRecordsOptions {
  readonly patchConfig: PatchConfig;
  /** The column with paths of images. Default `image`. */
  readonly imgCol?: string;
  /** The column with paths of label maps. Default `label`. */
  readonly maskCol?: string;
  /** Share of the rows that validates, rounded down. Default 0.2. */
  readonly validPct?: number;
  /** A column that says by true or false which rows validate, instead of `validPct`. */
  readonly validCol?: string;
  /** Before patches are cut, in order after resampling. Default: the configuration's normalization. */
  readonly prePatchTfms?: readonly Transform[];
  /** Augmentation of training patches, in order. */
  readonly patchTfms?: readonly Transform[];
  /** Patches per batch. Default 4. */
  readonly bs?: number;
  /** Of split, patches and augmentation. Default 0. */
  readonly seed?: number;
  /** Wins over the configuration. */
  readonly applyReorder?: boolean;
  /** Millimetres per voxel. Wins over the configuration. */
  readonly targetSpacing?: Triple | null;
  /** Pair label maps with their images by index wherever they claim to lie. Default true; false refuses them. */
  readonly ensureAffineConsistency?: boolean;
  /** Threads that read ahead; 0: none. Default: queueNumWorkers, at most one per core. */
  readonly numWorkers?: number;
  /** Limit for all volumes and patches, see `DataLoadersOptions`. */
  readonly maxBytes?: number;
  /** Of subjects that cannot be read: `fatal` (default), or `skip`, with a warning. */
  readonly onUnreadable?: OnUnreadable;
  /** Receives what is legal but probably not meant, and what goes wrong on the way. */
  readonly onWarning?: (message: string) => void;
}

export type Row = Readonly<Record<string, unknown>>;

function pathIn(record: Row, column: string): string {
  const value = record[column];
  if (typeof value === 'string' && value !== '') return value;
  throw new ConfigError(
    `MedPatchDataLoaders.fromRecords: a record has no path. Got ${JSON.stringify(value) ?? 'nothing'} under '${column}'; the record has ${Object.keys(record).join(', ')}. Name the columns of paths as imgCol and maskCol.`,
  );
}

function split(records: readonly Row[], options: FromRecordsOptions) {
  const { validCol, validPct = 0.2, seed = 0 } = options;
  if (validCol === undefined) return fromDfSplit(records.length, { validPct, seed });
  const rows = records.map((record, row) => {
    const value = record[validCol];
    if (typeof value === 'boolean') return { row, value };
    throw new ConfigError(
      `MedPatchDataLoaders.fromRecords: a record does not say whether it validates. Got ${JSON.stringify(value) ?? 'nothing'} under '${validCol}' in row ${row}. Use true and false.`,
    );
  });
  const those = (valid: boolean): number[] =>
    rows.filter(({ value }) => value === valid).map(({ row }) => row);
  return { train: those(false), valid: those(true) };
}

/** The configuration with what the arguments say, which is what inference needs, too. */
function resolveConfig(options: FromRecordsOptions): PatchConfig {
  const { patchConfig: config, prePatchTfms, onWarning } = options;
  const given: { -readonly [K in keyof PatchConfig]?: PatchConfig[K] } = {};
  if (options.applyReorder !== undefined) given.applyReorder = options.applyReorder;
  if (options.targetSpacing !== undefined) given.targetSpacing = options.targetSpacing;
  if (prePatchTfms !== undefined) {
    given.normalization = prePatchTfms.map(({ name, params }): TransformSpec => ({ name, params }));
  }
  for (const [key, value] of Object.entries(given)) {
    const other = config[key as keyof PatchConfig];
    if (other === null || isDeepStrictEqual(value, other)) continue;
    const argument = key === 'normalization' ? 'prePatchTfms' : key;
    onWarning?.(
      `${argument} of the arguments, ${JSON.stringify(value)}, wins over ${key} of the configuration, ${JSON.stringify(other)}`,
    );
  }
  return { ...config, ...given };
}

/**
 * Training and validation batches for a `Learner`. Threads do not keep the process alive; `close` ends
 * them at once.
 *
 * @see fastMONAI MedPatchDataLoaders
 */
export class MedPatchDataLoaders<R extends object = Row> implements DataLoaders {
  readonly train: MedPatchDataLoader<R>;
  /** Undefined if no row validates. */
  readonly valid: MedPatchDataLoader<R> | undefined;
  /** With what the arguments changed: pass this one on to inference. */
  readonly config: PatchConfig;
  /** Of training patches. */
  readonly augmentations: readonly Transform[];
  /** Of split, patches and augmentation. */
  readonly seed: number;
  private readonly subjects: SubjectLoader;

  private constructor(records: readonly R[], options: FromRecordsOptions) {
    const { imgCol = 'image', maskCol = 'label', bs = 4, seed = 0, onWarning } = options;
    const { numWorkers, ensureAffineConsistency = true, maxBytes } = options;
    const config = resolveConfig(options);
    preprocessingTransforms(config.normalization ?? []);
    const rows = records as readonly Row[];
    const files = rows.map((record, n): SubjectRecord<R> => {
      const image = pathIn(record, imgCol);
      return { name: caseName(image), image, label: pathIn(record, maskCol), record: records[n]! };
    });
    const { train, valid } = split(rows, options);
    if (train.length === 0) {
      throw new ConfigError(
        `MedPatchDataLoaders.fromRecords: no row is left to train on. Got ${rows.length} rows, of which ${valid.length} validate. Add rows or lower validPct.`,
      );
    }
    const sections = {
      train: train.map((row) => files[row]!),
      valid: valid.map((row) => files[row]!),
    };
    const subjects = new SubjectLoader({
      preprocessing: trainingPreprocessingOf(config),
      ensureAffineConsistency,
      numWorkers,
      queueNumWorkers: config.queueNumWorkers,
      ...(onWarning ? { onWarning } : {}),
    });
    const loaders = dataLoaders({
      ...sections,
      readSubject: (record, signal) => subjects.load(record, signal),
      isPreprocessed: true,
      subjectBytes: (record) => subjects.bytes(record),
      readers: Math.max(1, subjects.numWorkers),
      config,
      batchSize: bs,
      augmentations: options.patchTfms ?? [],
      seed,
      onUnreadable: options.onUnreadable ?? 'fatal',
      ...(onWarning ? { onWarning } : {}),
      ...(maxBytes === undefined ? {} : { maxBytes }),
    });
    this.config = config;
    this.augmentations = options.patchTfms ?? [];
    this.seed = seed;
    this.subjects = subjects;
    const facts = { bs, targetSpacing: config.targetSpacing };
    this.train = new MedPatchDataLoader(loaders.train, sections.train, subjects, facts);
    this.valid =
      loaders.valid && new MedPatchDataLoader(loaders.valid, sections.valid, subjects, facts);
  }

  /**
   * Loaders of the subjects in a table. No file is opened yet, and later only as many volumes are held
   * as `maxBytes` allows.
   *
   * A subject is read, its label map put on the image's affine, brought to RAS+ (`applyReorder`),
   * resampled (`targetSpacing`), transformed (`prePatchTfms`) and padded to the patch size, in threads;
   * a `preprocessed` data set is only padded. The n-th patch of an epoch depends on seed, epoch and n
   * alone.
   *
   * @param records rows with paths; other columns are kept, see `trainRecords`
   * @throws ConfigError for rows without paths, no rows to train on, and transforms that are random or
   *   unknown where they must not be
   * @see fastMONAI MedPatchDataLoaders.from_df
   * Differs from fastMONAI: without a seed it is 0, and small volumes are padded, as its documentation
   * says. A label map elsewhere than its image is refused without `ensureAffineConsistency`.
   */
  static fromRecords<R extends object>(
    records: readonly R[],
    options: FromRecordsOptions,
  ): MedPatchDataLoaders<R> {
    return new MedPatchDataLoaders(records, options);
  }

  /** Rows that train, ascending. */
  get trainRecords(): R[] {
    return this.train.records;
  }

  /** Rows that validate, in the order in which they were drawn. */
  get validRecords(): R[] {
    return this.valid?.records ?? [];
  }

  /** Patches per batch. */
  get bs(): number {
    return this.train.bs;
  }

  /** `train.showBatch`. */
  showBatch(...args: Parameters<MedPatchDataLoader<R>['showBatch']>): Promise<Uint8Array> {
    return this.train.showBatch(...args);
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await this.subjects.close();
  }
}
