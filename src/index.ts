/** Everything that runs in browsers and on Node alike. Files and Dawn are in `voxgrad/node`. */

// Ops: launchers are `<op>Forward` and `<op>Backward...`, differentiable ops have the plain name
export { add } from './autograd/add.ts';
export { cast } from './autograd/cast.ts';
export { concat } from './autograd/concat.ts';
export { convTranspose3d } from './autograd/conv_transpose3d.ts';
export { conv3d } from './autograd/conv3d.ts';
export { crossEntropy } from './autograd/cross_entropy.ts';
export { diceCe } from './autograd/dice_ce.ts';
export { dropout } from './autograd/dropout.ts';
export type { InstanceNormOptions } from './autograd/instance_norm.ts';
export { instanceNorm } from './autograd/instance_norm.ts';
export { prelu } from './autograd/prelu.ts';
export { relu } from './autograd/relu.ts';
export { slice } from './autograd/slice.ts';
export { softmax } from './autograd/softmax.ts';
export type { BackwardRule, Reads } from './autograd/tape.ts';
export { Tape, type TapeOptions } from './autograd/tape.ts';
// GPU, tensors, differentiation
export { Parameter, Variable } from './autograd/variable.ts';
// The browser: a worker that does the work, and the page's handle of it
export type { AdapterFacts } from './browser/adapter_facts.ts';
export type { Job } from './browser/job.ts';
export type { LabelClasses } from './browser/label_values.ts';
export { type OpenGpuOptions, openGpu } from './browser/open_gpu.ts';
export type {
  ClassVolume,
  EvaluateProgress,
  EvaluateSettings,
  ModelFacts,
  ScanFacts,
  Segmentation,
  SegmentMemory,
  SegmentProgress,
  SegmentSeconds,
  SegmentSettings,
  StageProgress,
} from './browser/protocol.ts';
export type { TrainJob } from './browser/train_job.ts';
export type { TrainingCase, TrainingData } from './browser/training_data.ts';
export {
  NETWORK_SIZES,
  type NetworkSize,
  type Refusal as TrainingRefusal,
  type TrainingPlan,
  type TrainSettings,
} from './browser/training_plan.ts';
export type { TrainProgress, TrainStage, TrainStep } from './browser/training_progress.ts';
export type { TrainedModel } from './browser/training_session.ts';
export {
  type EvaluateOptions as EvaluateJobOptions,
  type OpenWorkerOptions,
  type SegmentOptions,
  type TrainOptions,
  VoxgradWorker,
} from './browser/worker_client.ts';
export { type HostOptions, type HostPort, hostWorker } from './browser/worker_host.ts';
export type { WorkerLike } from './browser/worker_link.ts';
export * from './errors.ts';
export type { BufferPool } from './gpu/buffer_pool.ts';
export type { Choices } from './gpu/choices.ts';
export { type ChosenNames, type Problem, problemKey } from './gpu/choices.ts';
export type { Readback } from './gpu/device.ts';
export { Gpu, type GpuOptions, type PrepareOptions } from './gpu/device.ts';
export type { DispatchArguments } from './gpu/dispatch.ts';
export type { DryGpuAdapter } from './gpu/dry_gpu.ts';
export { DryGpu } from './gpu/dry_gpu.ts';
export type { PipelineRequest } from './gpu/pipeline_cache.ts';
export type { KernelTime } from './gpu/profile.ts';
export { Scope } from './gpu/scope.ts';
export type {
  ParamType,
  Precision,
  ScalarType,
  Shader,
  ShaderBuffer,
  Specialisation,
} from './gpu/shader.ts';
export { Tensor } from './gpu/tensor.ts';
// Images
export { fromSpacing, identityAffine, originOf, spacingOf } from './io/affine.ts';
export type { AppliedPreprocessing, CaseGrid } from './io/applied_preprocessing.ts';
export type { DatasetCase } from './io/dataset_json.ts';
export { type DatasetJson, parseDatasetJson } from './io/dataset_json.ts';
export {
  type NiftiHeader,
  type NiftiImage,
  type NiftiReadOptions,
  type NiftiWriteOptions,
  readNifti,
  readNiftiHeader,
  writeNifti,
} from './io/nifti.ts';
export type { AffineSource } from './io/nifti_affine.ts';
export type { NiftiExtension } from './io/nifti_extensions.ts';
export type { NiftiDatatype, NiftiVersion } from './io/nifti_fields.ts';
export { axisCodes, toCanonical, toOrientation } from './io/orientation.ts';
export { resample, resampleToGrid } from './io/resample.ts';
export type { SafetensorsFile, SafetensorsInput, SafetensorsTensor } from './io/safetensors.ts';
export { decodeSafetensors, encodeSafetensors } from './io/safetensors.ts';
export type { SafetensorsArray } from './io/safetensors_dtype.ts';
export type { Interpolation } from './io/sample_axes.ts';
export type { VolumeShape, VoxelArray } from './io/volume.ts';
export { type Affine, spatialShape, type Volume, volume } from './io/volume.ts';
export { castForward } from './kernels/cast.ts';
export { convTranspose3dForward } from './kernels/conv_transpose3d.ts';
export { conv3dBackwardInput, conv3dBackwardWeight, conv3dForward } from './kernels/conv3d.ts';
export type { CrossEntropyOptions } from './kernels/cross_entropy.ts';
export type { DiceCeResult } from './kernels/dice_ce.ts';
export { type DiceCeOptions, diceCeForward } from './kernels/dice_ce.ts';
export type { InstanceStatistics } from './kernels/instance_norm.ts';
export { instanceNormForward } from './kernels/instance_norm.ts';
export { preluForward } from './kernels/prelu.ts';
export type { SliceRange, SliceRanges } from './kernels/slice.ts';
export { browserChoiceStore } from './kernels/tuning/browser_choice_store.ts';
export type { ChoiceStore } from './kernels/tuning/choice_cache.ts';
export { type TuneOptions, type Tuning, tune } from './kernels/tuning/tune.ts';
export { kernelsInForce } from './kernels/variants/in_force.ts';
export type { ActivationKind, NormKind } from './nn/convolution.ts';
// Networks
export { DiceCELoss, type DiceCELossOptions, type Loss } from './nn/dice_ce_loss.ts';
export type { NamedParameter, StateTensor } from './nn/module.ts';
export { Module, type StateDict } from './nn/module.ts';
export { UNet } from './nn/unet.ts';
export type { UNetConfig, UNetOptions } from './nn/unet_config.ts';
export type { AggregatorOptions } from './patch/aggregator.ts';
// Patches
export { type AggregationMode, GridAggregator, type PatchWeights } from './patch/aggregator.ts';
export type { ByteBudget, Evictable } from './patch/byte_budget.ts';
export type { AugmentationStage } from './patch/deferred.ts';
export type { OnUnreadable } from './patch/epoch_reader.ts';
export { gridLocations } from './patch/grid_sampler.ts';
export type { ImportanceMapOptions } from './patch/importance_map.ts';
export { importanceMap } from './patch/importance_map.ts';
export { LabelSampler } from './patch/label_sampler.ts';
export type { Connectivity } from './patch/largest_component.ts';
export { keepLargestComponent, keepLargestComponents } from './patch/largest_component.ts';
export type { PatchLocation } from './patch/location.ts';
export {
  type FromDatasetOptions,
  type PartialPatchConfig,
  PatchConfig,
  patchConfig,
  withPatchSize,
} from './patch/patch_config.ts';
export type { Grid as VolumeGrid, Preprocessed } from './patch/preprocessing.ts';
export { type Preprocessing, preprocess, preprocessingOf } from './patch/preprocessing.ts';
export type { PatchBatch, PatchQueueOptions } from './patch/queue.ts';
export { PatchQueue } from './patch/queue.ts';
export type { Sampler } from './patch/sampler.ts';
export type { Subject } from './patch/subject.ts';
export type { SubjectBytes, SubjectSource } from './patch/subject_cache.ts';
export {
  type PatchSizeOptions,
  type SizedDataset,
  suggestPatchSize,
} from './patch/suggest_patch_size.ts';
export { type AffineParams, affine } from './patch/transforms/affine.ts';
export { biasField } from './patch/transforms/bias_field.ts';
export { blur } from './patch/transforms/blur.ts';
export { type FlipAxis, flip } from './patch/transforms/flip.ts';
export { transformFromSpec } from './patch/transforms/from_spec.ts';
export { gamma } from './patch/transforms/gamma.ts';
export { type NoiseParams, noise } from './patch/transforms/noise.ts';
export type { PaddingMode } from './patch/transforms/padding_mode.ts';
export { type RandomAffineParams, randomAffine } from './patch/transforms/random_affine.ts';
export {
  type RandomBiasFieldParams,
  randomBiasField,
} from './patch/transforms/random_bias_field.ts';
export { type RandomBlurParams, randomBlur } from './patch/transforms/random_blur.ts';
export { type RandomFlipParams, randomFlip } from './patch/transforms/random_flip.ts';
export { type RandomGammaParams, randomGamma } from './patch/transforms/random_gamma.ts';
export { type RandomNoiseParams, randomNoise } from './patch/transforms/random_noise.ts';
export type { Transform, TransformSpec } from './patch/transforms/transform.ts';
export { type ZNormalizationParams, zNormalization } from './patch/transforms/z_normalization.ts';
export { UniformSampler } from './patch/uniform_sampler.ts';
export { Rng } from './rng.ts';
export type { ConvSizes } from './shape.ts';
export {
  type Conv3dOptions,
  type ConvTranspose3dOptions,
  conv3dSizes,
  convTranspose3dSizes,
  type Triple,
} from './shape.ts';
export type { AdamAverages, AdamRate, ScaledGradients } from './train/adam.ts';
// Training, inference, metrics
export { Adam, type AdamOptions } from './train/adam.ts';
export { augmentBatch, uploadBatch } from './train/augment_batch.ts';
export {
  augmentOnCpu,
  type Batch,
  type BatchLoader,
  type DataLoaders,
  type EpochOptions,
} from './train/batch.ts';
export type {
  Callback,
  CallbackState,
  FitContext,
  GpuStep,
} from './train/callbacks/callback.ts';
export { type EarlyStoppingOptions, earlyStopping } from './train/callbacks/early_stopping.ts';
export { emaWeights } from './train/callbacks/ema_weights.ts';
export { gradientClip } from './train/callbacks/gradient_clip.ts';
export type { MonitorName, MonitorOptions } from './train/callbacks/monitor.ts';
export { type SaveModelOptions, saveModel } from './train/callbacks/save_model.ts';
export { buildModel, type DecodedModel, decodeModel, encodeModel } from './train/checkpoint.ts';
export { compareSettings, flatSettings, type SettingRow } from './train/compare_settings.ts';
export { type DataLoadersOptions, dataLoaders } from './train/data_loaders.ts';
export type { SpacingRule } from './train/dataset_analysis.ts';
export { analyseGrids, type DatasetAnalysis, type ImageGrid } from './train/dataset_analysis.ts';
export {
  type DatasetGrids,
  datasetGrids,
  type SubjectHeaders,
} from './train/dataset_grids.ts';
export type { DryBatch, DryStepOptions } from './train/dry_step.ts';
export type { LabelledEvaluation } from './train/evaluation.ts';
export {
  type LabelledEvaluationJson,
  labelledEvaluationJson,
  labelledEvaluationText,
} from './train/evaluation.ts';
export {
  type DatasetRow,
  describeGrid,
  describeVolume,
  type FileFacts,
  type Intensities,
  type UnreadableFile,
  type VolumeKind,
} from './train/file_facts.ts';
export type { CheckpointOptions, FitOptions } from './train/fit.ts';
export type { BatchTensors } from './train/gpu_augmentations.ts';
export { gpuStageNames, hasGpuOp } from './train/gpu_augmentations.ts';
export { bestEpoch, type EpochRecord, type History, type StepRecord } from './train/history.ts';
export {
  type InferenceMemory,
  type InferencePlan,
  planInference,
} from './train/inference_plan.ts';
export type { InferenceRecovery } from './train/inference_recovery.ts';
export { inferenceProblems, type TrainingDemand, trainingDemand } from './train/kernel_choices.ts';
export type { LearnerSettings } from './train/learner.ts';
export { Learner, type LearnerOptions } from './train/learner.ts';
export {
  type ExportOptions,
  exportLearner,
  type LoadedLearner,
  loadLearner,
} from './train/load_learner.ts';
export type { LossScale } from './train/loss_scaler.ts';
export type {
  LrFinding,
  LrFindOptions,
  LrFindStep,
  LrSchedule,
} from './train/lr_find.ts';
export { MedDataset, type Suggestion, type SummaryRow } from './train/med_dataset.ts';
export type { BatchLayout } from './train/metrics/accumulated_dice.ts';
export { AccumulatedDice } from './train/metrics/accumulated_dice.ts';
export type { Confusion } from './train/metrics/confusion.ts';
export type { EvaluateOptions, MetricName } from './train/metrics/evaluate_case.ts';
export {
  type CaseMetrics,
  evaluateCase,
  METRIC_NAMES,
  type Metrics,
} from './train/metrics/evaluate_case.ts';
export type { EvaluationJson, JsonMetrics } from './train/metrics/summary.ts';
export { type Evaluation, summarize, toCsv, toJson, toTable } from './train/metrics/summary.ts';
export type { MirrorAxes, View as MirrorView } from './train/mirror_views.ts';
export type { Architecture, ModelDescription } from './train/model_description.ts';
export type { OneCycleOptions } from './train/one_cycle.ts';
export { oneCycle } from './train/one_cycle.ts';
export {
  type InferScanOptions,
  inferPreparedScan,
  inferScan,
  type PreparedScan,
  prepareScan,
  type ScanInference,
} from './train/patch_inference.ts';
export { type Plan, type PlanOptions, planNetwork, planStrides } from './train/plan.ts';
export { prepareInference, prepareStep, prepareValidation } from './train/prepare.ts';
export { type LossPlot, type LossPoint, Recorder } from './train/recorder.ts';
export type { DataFacts } from './train/run_config.ts';
export { type RunConfig, type RunSettings, resolveRun, runSettings } from './train/run_config.ts';
export {
  type RunData,
  type RunLearner,
  type RunLearnerOptions,
  runLearner,
} from './train/run_learner.ts';
export type {
  EpochPoint,
  RunCase,
  RunCurves,
  RunDetail,
  RunScore,
  RunState,
  RunSummary,
} from './train/run_listing.ts';
export type { SizeStatistics } from './train/size_statistics.ts';
export type { SlabAggregatorOptions } from './train/slab_aggregator.ts';
export type { SlabResult } from './train/slab_result.ts';
export type { SlidingWindowOptions } from './train/sliding_window.ts';
export { SmoothedLoss } from './train/smoothed_loss.ts';
export {
  decathlonSplit,
  fromDfSplit,
  type TrainTestParts,
  type TrainTestSplitOptions,
  trainTestSplit,
} from './train/split.ts';
export { type StepMemory, type StepMemoryOptions, stepMemory } from './train/step_memory.ts';
export type { SplitOptions } from './train/subject_split.ts';
export { type SubjectSplit, splitSubjects } from './train/subject_split.ts';
export {
  decodeTrainingState,
  encodeTrainingState,
  type TrainingState,
} from './train/training_state.ts';
export type { ValidationResult } from './train/validation.ts';
export { valley } from './train/valley.ts';
