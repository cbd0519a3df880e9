/** `MedDataset` of files on disk, read in parallel. */
import { readdir, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { ConfigError, FormatError } from '../errors.ts';
import type { DatasetRow, VolumeKind } from '../train/file_facts.ts';
import { MedDataset } from '../train/med_dataset.ts';
import { type DescribeTask, describeFile, unreadable } from './describe_file.ts';
import { mapInWorkers } from './worker_map.ts';
import { workerEntry } from './worker_thread.ts';

export interface MedDatasetOptions {
  /** Paths of files. Wins over `path`. */
  readonly imgList?: readonly string[];
  /** A folder, whose files are taken in order of their names. Wins over `records`. */
  readonly path?: string;
  /** Of the files in `path`, those whose name contains this. Default: all. */
  readonly postfix?: string;
  /** A table, of which one column holds paths (fastMONAI's `dataframe`). */
  readonly records?: readonly Readonly<Record<string, unknown>>[];
  /** The column of `records`. Default `mask_path`. */
  readonly maskCol?: string;
  /** Compare axes as they are after reordering to RAS+. Default false. */
  readonly applyReorder?: boolean;
  /** Images, or label maps, whose volumes are measured. Default `image`. */
  readonly dtype?: VolumeKind;
  /** Threads. Default: one per core, at most 8, where there is enough to read. */
  readonly maxWorkers?: number;
  /** Do not read voxels: much faster, but no label volumes, no intensities, and damage in voxels stays unseen. */
  readonly headersOnly?: boolean;
  readonly onProgress?: (done: number, total: number, path: string) => void;
  /** Receives a line for each file that cannot be read. */
  readonly onWarning?: (message: string) => void;
  readonly signal?: AbortSignal;
}

/** Bytes on disk below which reading here is over before threads have started. */
const WORTH_THREADS = 2 ** 22;
const MOST_THREADS = 8;

async function filesOf(path: string, postfix: string): Promise<string[]> {
  const names = await readdir(path).catch((error: Error) => {
    throw new FormatError(
      `medDataset: the folder cannot be read. ${error.message}. Check the path.`,
      { cause: error },
    );
  });
  return names
    .filter((name) => !name.startsWith('.') && name.includes(postfix))
    .sort()
    .map((name) => join(path, name));
}

function pathIn(record: Readonly<Record<string, unknown>>, column: string): string {
  const value = record[column];
  if (typeof value === 'string') return value;
  throw new ConfigError(
    `medDataset: a record has no path. Got ${JSON.stringify(value) ?? 'nothing'} under '${column}'; the record has ${Object.keys(record).join(', ')}. Name the column of paths as maskCol.`,
  );
}

async function pathsOf(options: MedDatasetOptions): Promise<readonly string[]> {
  const { imgList, path, postfix = '', records, maskCol = 'mask_path' } = options;
  if (imgList) return imgList;
  if (path !== undefined) return filesOf(path, postfix);
  if (records) return records.map((record) => pathIn(record, maskCol));
  throw new ConfigError(
    'medDataset: there are no files. Got neither imgList, path nor records. Pass one of them.',
  );
}

/** 1 where threads do not pay. */
async function threadsFor(paths: readonly string[], headersOnly: boolean): Promise<number> {
  if (headersOnly) return 1;
  const sizes = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  const bytes = sizes.reduce((a, b) => a + b, 0);
  return bytes < WORTH_THREADS ? 1 : Math.min(availableParallelism(), MOST_THREADS);
}

/**
 * The table of a data set's files, a row for each, in their order. A file that cannot be read is a row
 * with an error.
 *
 * @throws ConfigError for files of different orientations without `applyReorder`, and for options
 *   that name no files
 * @throws FormatError for a folder that cannot be read, WorkerError if threads cannot be started
 * @see fastMONAI MedDataset
 * Differs from fastMONAI: threads are used without being asked for (max_workers is 1 there), files of a
 * folder come in order of their names, and images have intensities.
 */
export async function medDataset(options: MedDatasetOptions): Promise<MedDataset> {
  const { applyReorder = false, dtype = 'image', headersOnly = false } = options;
  const { signal, onProgress, onWarning } = options;
  const paths = await pathsOf(options);
  const workers = options.maxWorkers ?? (await threadsFor(paths, headersOnly));
  if (!Number.isInteger(workers) || workers < 1) {
    throw new ConfigError(
      `medDataset: maxWorkers is no number of threads. Got ${workers}. Pass a whole number from 1.`,
    );
  }
  if (paths.length === 0) onWarning?.('the data set has no files: check the path and the postfix');
  const tasks = paths.map((path) => ({ path, kind: dtype, applyReorder, headersOnly }));
  let done = 0;
  const onResult = (row: DatasetRow): void => {
    if ('error' in row) onWarning?.(`${row.path}: ${row.error}`);
    onProgress?.(++done, paths.length, row.path);
  };
  const rows =
    workers === 1
      ? await describeHere(tasks, onResult, signal)
      : await mapInWorkers<DescribeTask, DatasetRow>(
          workerEntry('describe_file_worker', import.meta.url),
          tasks,
          { workers, signal, onResult, onCrash: unreadable },
        );
  return new MedDataset(rows, { applyReorder, dtype });
}

async function describeHere(
  tasks: readonly DescribeTask[],
  onResult: (row: DatasetRow) => void,
  signal: AbortSignal | undefined,
): Promise<DatasetRow[]> {
  const rows: DatasetRow[] = [];
  for (const task of tasks) {
    signal?.throwIfAborted();
    const row = await describeFile(task);
    rows.push(row);
    onResult(row);
  }
  return rows;
}
