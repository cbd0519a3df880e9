/** What page and worker say to each other. Everything here survives a structured clone. */
import type { PlainError } from '../errors.ts';
import type { Precision } from '../gpu/shader.ts';
import type { NiftiDatatype } from '../io/nifti_fields.ts';
import type { VolumeShape } from '../io/volume.ts';
import type { PatchWeights } from '../patch/aggregator.ts';
import type { Triple } from '../shape.ts';
import type { LabelledEvaluationJson } from '../train/evaluation.ts';
import type { MirrorAxes } from '../train/mirror_views.ts';
import type { AdapterFacts } from './adapter_facts.ts';
import type { TrainingCase, TrainingData } from './training_data.ts';
import type { TrainingPlan, TrainSettings } from './training_plan.ts';
import type { TrainProgress } from './training_progress.ts';
import type { TrainedModel } from './training_session.ts';

/** How far a job is. `total` is what `done` counts up to: bytes, kernels, patches, or 1 for the stage. */
export interface StageProgress<Stage extends string> {
  readonly stage: Stage;
  readonly done: number;
  readonly total: number;
}

/** What a model file says of itself. */
export interface ModelFacts {
  /** By label value; the first is the background. */
  readonly classNames: readonly string[];
  /** Of the network's levels. */
  readonly channels: readonly number[];
  /** Channels of a scan. */
  readonly inChannels: number;
  readonly patchSize: Triple;
  /** What patch sizes must be multiples of. */
  readonly patchDivisor: Triple;
  /** Millimetres per voxel that scans are resampled to; null keeps each scan's own. */
  readonly spacing: Triple | null;
  /** Number of weights. */
  readonly parameters: number;
  /** One class besides the background. */
  readonly binary: boolean;
}

export interface SegmentSettings {
  /** Of the scan; of `scan.nii.gz` as of `scan` the result is `scan_pred.nii.gz`. */
  readonly name: string;
  /** GPU memory that may be taken; planned before the start, refused with the numbers of the plan. */
  readonly gpuBytes?: number;
  /** Instead of the model's own. */
  readonly patchSize?: Triple;
  /** Average over mirror images of each patch. Default false. */
  readonly tta?: MirrorAxes;
  /** Patches per forward pass. Default 1. */
  readonly swBatchSize?: number;
  /** Of voxels where patches overlap. Default: as the model says. */
  readonly weights?: PatchWeights;
  /** Storage of activations. Default f32. */
  readonly precision?: Precision;
}

export type SegmentProgress = StageProgress<
  'reading' | 'preparing' | 'compiling' | 'predicting' | 'writing'
>;

/** One class of a segmentation, as it lies on the scan's grid. */
export interface ClassVolume {
  /** In the file. */
  readonly value: number;
  readonly name: string;
  readonly voxels: number;
  readonly millilitres: number;
}

/** Wall time of each stage. */
export interface SegmentSeconds {
  readonly reading: number;
  readonly preparing: number;
  readonly compiling: number;
  readonly predicting: number;
  /** The way back to the scan's grid included. */
  readonly writing: number;
  readonly total: number;
}

export interface SegmentMemory {
  /** GPU memory that was planned, by the same count as `gpuBytes`. */
  readonly gpuBytes: number;
  /** The most that the GPU's buffers took, what was kept for reuse included. */
  readonly gpuPeakBytes: number;
  /**
   * Voxels in the worker's memory, the most at once: of the prepared scan, and of the scan as it was read or
   * of its labels on both grids.
   */
  readonly jsBytes: number;
}

export interface Segmentation {
  /** NIfTI, gzipped: label values on the scan's own grid, with its affine and orientation codes. */
  readonly file: Blob;
  readonly fileName: string;
  /** Without the background. */
  readonly classes: readonly ClassVolume[];
  readonly seconds: SegmentSeconds;
  readonly memory: SegmentMemory;
  readonly warnings: readonly string[];
}

export interface EvaluateSettings {
  readonly name: string;
  /** Every label above 0 counts as one. Default: where the loaded model knows one class, and the label map several. */
  readonly binary?: boolean;
}

/** What a scan's file is, before anything is done with it. */
export interface ScanFacts {
  /** Voxels, [C, I, J, K]. */
  readonly shape: VolumeShape;
  /** Millimetres per voxel. */
  readonly spacing: Triple;
  /** As the file stores voxels. */
  readonly datatype: NiftiDatatype;
  /** One channel of few whole numbers from 0: more likely a label map than an image. */
  readonly looksLikeLabels: boolean;
}

export type EvaluateProgress = StageProgress<'reading' | 'measuring'>;

interface Task<Payload, Result, Progress = never> {
  readonly payload: Payload;
  readonly result: Result;
  readonly progress: Progress;
}

/** The tasks of the worker by name: what is sent, what comes back, and what is told meanwhile. */
export interface Tasks {
  readonly open: Task<null, AdapterFacts>;
  readonly loadModel: Task<{ readonly file: Blob | Uint8Array }, ModelFacts>;
  readonly inspect: Task<{ readonly file: Blob }, ScanFacts>;
  readonly segment: Task<
    { readonly scan: Blob; readonly settings: SegmentSettings },
    Segmentation,
    SegmentProgress
  >;
  readonly evaluate: Task<
    { readonly prediction: Blob; readonly label: Blob; readonly settings: EvaluateSettings },
    LabelledEvaluationJson,
    EvaluateProgress
  >;
  readonly inspectTraining: Task<
    { readonly images: readonly TrainingCase[] },
    TrainingData,
    StageProgress<'reading'>
  >;
  readonly planTraining: Task<
    {
      readonly data: TrainingData;
      readonly settings: TrainSettings;
      readonly start?: Blob | Uint8Array;
    },
    TrainingPlan
  >;
  readonly train: Task<
    {
      readonly images: readonly TrainingCase[];
      readonly settings: TrainSettings;
      readonly start?: Blob | Uint8Array;
    },
    TrainedModel,
    TrainProgress
  >;
}

export type TaskName = keyof Tasks;

/** From the page. A question is put to a job that is under way, past the queue. */
export type PageMessage =
  | {
      readonly type: 'request';
      readonly id: number;
      readonly task: TaskName;
      readonly payload: unknown;
    }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'ask'; readonly id: number; readonly job: number; readonly question: string };

/** From the worker, about the request or the question with this id. */
export type WorkerMessage =
  | { readonly type: 'progress'; readonly id: number; readonly progress: unknown }
  | { readonly type: 'warning'; readonly id: number; readonly message: string }
  | { readonly type: 'result'; readonly id: number; readonly result: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: PlainError };
