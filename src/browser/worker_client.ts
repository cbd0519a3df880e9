/** voxgrad on a page: all heavy work happens in a worker, the page only draws. */
import { dispose } from '../dispose.ts';
import { WorkerError } from '../errors.ts';
import type { LabelledEvaluationJson } from '../train/evaluation.ts';
import type { AdapterFacts } from './adapter_facts.ts';
import type { Job } from './job.ts';
import type {
  EvaluateProgress,
  EvaluateSettings,
  ModelFacts,
  ScanFacts,
  Segmentation,
  SegmentProgress,
  SegmentSettings,
  StageProgress,
} from './protocol.ts';
import { type TrainJob, trainJob } from './train_job.ts';
import type { TrainingCase, TrainingData } from './training_data.ts';
import type { TrainingPlan, TrainSettings } from './training_plan.ts';
import { type WorkerLike, WorkerLink } from './worker_link.ts';

export interface OpenWorkerOptions {
  readonly signal?: AbortSignal;
  /** After which a worker that says nothing is given up. Default 60. */
  readonly startSeconds?: number;
}

export interface SegmentOptions extends SegmentSettings {
  readonly signal?: AbortSignal;
}

export interface EvaluateOptions extends EvaluateSettings {
  readonly prediction: Blob;
  readonly label: Blob;
  readonly signal?: AbortSignal;
  /** Receives what is legal but probably not meant. */
  readonly onWarning?: (message: string) => void;
}

export interface TrainOptions {
  /** Images with their label maps; each name once. */
  readonly images: readonly TrainingCase[];
  readonly settings?: TrainSettings;
  /** A model file that is trained further. Default: a new network. */
  readonly start?: Blob | Uint8Array;
  readonly signal?: AbortSignal;
}

/** A worker that runs `voxgrad/worker`, its GPU, and one model. Jobs are done one after another. */
export class VoxgradWorker {
  readonly adapter: AdapterFacts;
  private readonly link: WorkerLink;

  private constructor(link: WorkerLink, adapter: AdapterFacts) {
    this.link = link;
    this.adapter = adapter;
  }

  /**
   * Waits until the worker has opened the GPU. The worker belongs to the result: `using engine = ...`
   * or `dispose` ends it, and a failure to open does too.
   *
   * @param worker that runs the package's entry `voxgrad/worker`, as a module
   * @throws GpuError in plain words where the browser has no WebGPU or gives no adapter
   * @throws WorkerError where the worker does not start
   * @throws the signal's reason when it is aborted
   */
  static async open(
    worker: Worker | WorkerLike,
    { signal, startSeconds = 60 }: OpenWorkerOptions = {},
  ): Promise<VoxgradWorker> {
    const link = new WorkerLink(worker as WorkerLike);
    const silent = new WorkerError(
      `VoxgradWorker.open: the worker does not answer. Waited ${startSeconds} seconds. Start it from the package's entry 'voxgrad/worker', with { type: 'module' }.`,
    );
    const timer = setTimeout(() => link.close(silent), startSeconds * 1000);
    try {
      const adapter = await link.request('open', null, { signal }).result;
      return new VoxgradWorker(link, adapter);
    } catch (error) {
      link.close(error as Error);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * The model that `segment` uses from now on; jobs that wait already keep theirs.
   *
   * @param file a model file of `train`
   * @throws FormatError for bytes that are no model file, ConfigError for settings out of range
   */
  loadModel(
    file: Blob | Uint8Array,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<ModelFacts> {
    return this.link.request('loadModel', { file }, { signal }).result;
  }

  /**
   * What a NIfTI file is. It does not wait for jobs under way.
   *
   * @throws FormatError for a file that is no scan
   */
  inspect(file: Blob, { signal }: { signal?: AbortSignal } = {}): Promise<ScanFacts> {
    return this.link.request('inspect', { file }, { signal }).result;
  }

  /**
   * The model over one scan; the result is a NIfTI file on the scan's own grid, the same as
   * `voxgrad predict` writes. An abort frees the worker within one patch.
   *
   * The job's `result` rejects with FormatError for a file that is no scan or has other channels than
   * the model reads, ConfigError without a model or where the plan does not fit `gpuBytes`, GpuError for
   * what went wrong on the GPU.
   */
  segment(scan: Blob, { signal, ...settings }: SegmentOptions): Job<Segmentation, SegmentProgress> {
    return this.link.request('segment', { scan, settings }, { signal });
  }

  /**
   * Metrics of a predicted label map: what `voxgrad evaluate --json` prints for this one case, with the
   * loaded model's names of classes.
   *
   * The job's `result` rejects with ShapeError if the shapes differ, FormatError for a file that is no
   * label map.
   */
  evaluate(options: EvaluateOptions): Job<LabelledEvaluationJson, EvaluateProgress> {
    const { prediction, label, signal, onWarning, ...settings } = options;
    return this.link.request('evaluate', { prediction, label, settings }, { signal, onWarning });
  }

  /**
   * What the files of a training say: grids, channels, label values. Reads headers, and all label maps.
   *
   * The job's `result` rejects with FormatError for files that cannot be used or do not fit together.
   */
  inspectTraining(
    images: readonly TrainingCase[],
    { signal }: { signal?: AbortSignal } = {},
  ): Job<TrainingData, StageProgress<'reading'>> {
    return this.link.request('inspectTraining', { images }, { signal });
  }

  /**
   * What `train` would do with these settings: split, patch, network, memory. Reads no file.
   *
   * @param data of `inspectTraining`
   * @throws ConfigError for settings outside their legal values, and for labels that do not fit `start`
   */
  planTraining(
    data: TrainingData,
    options: Pick<TrainOptions, 'settings' | 'start'> = {},
  ): Promise<TrainingPlan> {
    const { settings = {}, start } = options;
    const payload = { data, settings, ...(start ? { start } : {}) };
    return this.link.request('planTraining', payload).result;
  }

  /**
   * Trains a network on images and label maps, by the `Learner` that `voxgrad train` has: the same files,
   * settings and adapter give the same model file. A device that is lost is replaced, and the training
   * goes on from its last checkpoint.
   *
   * The job's `result` rejects with FormatError and ConfigError for files and settings that cannot be
   * trained on or do not fit `gpuBytes`, GpuError for what went wrong on the GPU.
   */
  train({ images, settings = {}, start, signal }: TrainOptions): TrainJob {
    const payload = { images, settings, ...(start ? { start } : {}) };
    return trainJob(this.link, this.link.request('train', payload, { signal }));
  }

  /** Ends the worker; jobs under way fail. */
  dispose(): void {
    this.link.close(
      new WorkerError(
        'VoxgradWorker: the worker is closed. A job was under way or came later. Open another worker.',
      ),
    );
  }

  [dispose](): void {
    this.dispose();
  }
}
