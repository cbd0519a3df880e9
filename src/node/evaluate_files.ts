/** Compares predicted label maps with the true ones, several at a time where that pays. */
import { availableParallelism } from 'node:os';
import { ConfigError, WorkerError } from '../errors.ts';
import { product } from '../shape.ts';
import { checkPair, type EvaluatedPair, evaluationOfPairs } from '../train/evaluate_labels.ts';
import type { LabelledEvaluation } from '../train/evaluation.ts';
import { type EvaluateTask, evaluatePair } from './evaluate_pair.ts';
import { readNiftiHeaderFile } from './nifti_file.ts';
import type { LabelPair } from './prediction_pairs.ts';
import { mapInWorkers } from './worker_map.ts';
import { workerEntry } from './worker_thread.ts';

export interface EvaluateFilesOptions {
  readonly pairs: readonly LabelPair[];
  /** Every label above 0 counts as one. Without it each label of the label maps has its table. */
  readonly binary: boolean;
  /** Names by label value, for the tables. */
  readonly classNames?: ReadonlyMap<number, string> | undefined;
  /** Threads. Default: one per core, at most 8 and as many as 2 GiB allow, where there is enough to do. */
  readonly maxWorkers?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, name: string) => void;
  readonly onWarning?: (message: string) => void;
}

/** Voxels below which measuring here is over before threads have started. */
const WORTH_THREADS = 2 ** 24;
const MOST_THREADS = 8;
const MEMORY_BYTES = 2 ** 31;
/** Both label maps, their masks, components and distances. */
const BYTES_PER_VOXEL = 32;

/** Checks the shapes of all: a file that does not fit must not show after hours. Gives their voxels. */
async function checkHeaders(pairs: readonly LabelPair[], signal?: AbortSignal): Promise<number[]> {
  const voxels: number[] = [];
  for (const pair of pairs) {
    signal?.throwIfAborted();
    const label = await readNiftiHeaderFile(pair.label);
    checkPair(pair.name, await readNiftiHeaderFile(pair.prediction), label);
    voxels.push(product(label.shape));
  }
  return voxels;
}

function threadsFor(voxels: readonly number[], maxWorkers: number | undefined): number {
  if (maxWorkers !== undefined) {
    if (Number.isInteger(maxWorkers) && maxWorkers >= 1) return maxWorkers;
    throw new ConfigError(
      `evaluateFiles: maxWorkers is no number of threads. Got ${maxWorkers}. Pass a whole number from 1.`,
    );
  }
  if (voxels.reduce((a, b) => a + b, 0) < WORTH_THREADS) return 1;
  const largest = BYTES_PER_VOXEL * voxels.reduce((a, b) => Math.max(a, b), 1);
  const fitting = Math.max(1, Math.floor(MEMORY_BYTES / largest));
  return Math.min(availableParallelism(), MOST_THREADS, fitting);
}

async function evaluatePairs(
  tasks: readonly EvaluateTask[],
  workers: number,
  { signal, onProgress }: EvaluateFilesOptions,
): Promise<EvaluatedPair[]> {
  const results: EvaluatedPair[] = [];
  if (workers === 1) {
    for (const task of tasks) {
      signal?.throwIfAborted();
      results.push(await evaluatePair(task));
      onProgress?.(results.length, task.pair.name);
    }
    return results;
  }
  let done = 0;
  const entry = workerEntry('evaluate_pair_worker', import.meta.url);
  return mapInWorkers<EvaluateTask, EvaluatedPair>(entry, tasks, {
    workers,
    signal,
    onResult: (_, { pair }) => onProgress?.(++done, pair.name),
    onCrash: ({ pair }, { message }) => {
      throw new WorkerError(
        `evaluateFiles: the thread of case '${pair.name}' has died. ${message}. Free memory, or work without threads (maxWorkers 1).`,
      );
    },
  });
}

/**
 * Metrics of all pairs; millimetres are those of the label maps. The result does not depend on the
 * number of threads.
 *
 * @throws ShapeError if the shapes of a pair differ, before anything is measured
 * @throws FormatError for a file that is no label map
 */
export async function evaluateFiles(options: EvaluateFilesOptions): Promise<LabelledEvaluation> {
  const { pairs, binary, classNames, maxWorkers, signal, onWarning } = options;
  const workers = threadsFor(await checkHeaders(pairs, signal), maxWorkers);
  const tasks = pairs.map((pair) => ({ pair, binary }));
  const cases = await evaluatePairs(tasks, workers, options);
  return evaluationOfPairs(cases, { binary, classNames, onWarning });
}
