/** `voxgrad/node`: the public API with what only Node can do, files and Dawn's GPU device. */
export * from './index.ts';

export { csvLogger } from './node/callbacks/csv_logger.ts';
export { tensorBoard } from './node/callbacks/tensor_board.ts';
export { bestAndWorst, type CaseFigureOptions, caseFigure } from './node/case_figure.ts';
export { choiceFile } from './node/choice_store.ts';
export type { LabelRule } from './node/dataset_folder.ts';
export {
  classNamesOf,
  type DatasetFolder,
  readDatasetFolder,
  readGrids,
  readSubject,
  type SubjectFiles,
} from './node/dataset_folder.ts';
export type { ChannelInfo, LabelInfo, Spread } from './node/dataset_info.ts';
export {
  type DatasetInfo,
  type DatasetInfoOptions,
  datasetInfo,
} from './node/dataset_info.ts';
export { datasetInfoJson, datasetInfoText } from './node/dataset_info_report.ts';
export { dawn, openGpu, requestAdapter } from './node/dawn.ts';
export {
  type DecathlonDatasetOptions,
  type DecathlonImage,
  type DecathlonRecord,
  type DecathlonSection,
  decathlonDataset,
} from './node/decathlon/decathlon_dataset.ts';
export { type DownloadOptions, downloadFile } from './node/decathlon/download.ts';
export {
  type FetchedTask,
  type FetchOptions,
  type FetchStage,
  fetchTask,
} from './node/decathlon/fetch_task.ts';
export {
  DECATHLON_LICENCE,
  DECATHLON_TASKS,
  DECATHLON_URL,
  type DecathlonTask,
  type DecathlonTaskName,
  decathlonTask,
} from './node/decathlon/tasks.ts';
export { type DemoDatasetOptions, writeDemoDataset } from './node/demo/demo_dataset.ts';
export {
  type CompleteRun,
  type EarlierRun,
  type InterruptedRun,
  type NoRun,
  readEarlierRun,
} from './node/earlier_run.ts';
export { type EvaluateFilesOptions, evaluateFiles } from './node/evaluate_files.ts';
export {
  type EvaluationContext,
  type EvaluationContextOptions,
  evaluationContext,
} from './node/evaluation_context.ts';
export {
  type EvaluationReport,
  type EvaluationReportOptions,
  evaluationReport,
} from './node/evaluation_report.ts';
export {
  type AugmentationGallery,
  augmentationGallery,
} from './node/figure/augmentation_gallery.ts';
export { type BatchSheetOptions, batchSheet } from './node/figure/batch_sheet.ts';
export type { EpochPoint } from './node/figure/plot_curves.ts';
export { plotCurves, type TrainingCurves } from './node/figure/plot_curves.ts';
export { type DatasetFigure, plotDataset } from './node/figure/plot_dataset.ts';
export { plotLoss } from './node/figure/plot_loss.ts';
export { plotLrFind } from './node/figure/plot_lr_find.ts';
export { METRIC_TITLES, plotMetrics } from './node/figure/plot_metrics.ts';
export {
  type SegmentationComparison,
  showSegmentationComparison,
} from './node/figure/segmentation_comparison.ts';
export type { AnatomicalPlane } from './node/figure/slice.ts';
export { readJsonFile } from './node/json_file.ts';
export type { PageServer } from './node/local_server/page_server.ts';
export { type LrFindRunOptions, type LrFindRunResult, lrFindRun } from './node/lr_find_run.ts';
export { type MedDatasetOptions, medDataset } from './node/med_dataset.ts';
export type { SubjectRecord } from './node/med_patch_data_loader.ts';
export {
  type LoadedSubject,
  MedPatchDataLoader,
} from './node/med_patch_data_loader.ts';
export type { Row as RecordRow } from './node/med_patch_data_loaders.ts';
export { type FromRecordsOptions, MedPatchDataLoaders } from './node/med_patch_data_loaders.ts';
export { evaluationMetrics } from './node/mlflow/evaluation_metrics.ts';
export {
  createMlflowCallback,
  type MlflowCallback,
  type MlflowCallbackOptions,
} from './node/mlflow/mlflow_callback.ts';
export {
  type DatasetInput,
  type MetricPoint,
  MlflowClient,
  type RunBatch,
  type RunInfo,
  type RunStatus,
} from './node/mlflow/mlflow_client.ts';
export { MlflowTracker, type MlflowTrackerOptions } from './node/mlflow/mlflow_tracker.ts';
export { type SyncReport, syncReportText } from './node/mlflow/sync_report.ts';
export { keepMetrics, logMetrics, type SyncRunOptions, syncRun } from './node/mlflow/sync_run.ts';
export type { TrackingErrorFacts } from './node/mlflow/tracking_error.ts';
export { TrackingError } from './node/mlflow/tracking_error.ts';
export type {
  TrackingHttp,
  TrackingHttpOptions,
  TrackingRequest,
} from './node/mlflow/tracking_http.ts';
export { readNiftiFile, readNiftiHeaderFile, writeNiftiFile } from './node/nifti_file.ts';
export { caseName, imagePaths, niftiFiles } from './node/nifti_names.ts';
export {
  type InferenceSeconds,
  type InferenceSource,
  type PatchInferenceOptions,
  patchInference,
  predictionName,
  type ScanPrediction,
} from './node/patch_inference.ts';
export {
  type PredictFilesOptions,
  predictFiles,
  readModelFile,
} from './node/predict_files.ts';
export type { PairOptions } from './node/prediction_pairs.ts';
export { type LabelPair, pairPredictions } from './node/prediction_pairs.ts';
export {
  type PreprocessDatasetOptions,
  type PreprocessedDataset,
  preprocessDataset,
} from './node/preprocess/preprocess_dataset.ts';
export { type RecordRunOptions, recordRun } from './node/record_run.ts';
export { type Report, type ReportFigure, reportHtml } from './node/report.ts';
export {
  type RunFolder,
  readSplitFile,
  readSplitSection,
  runFolder,
} from './node/run_folder.ts';
export { planFacts, planRun, planText, type RunPlan } from './node/run_plan.ts';
export type { RunTracker, TrackedRun } from './node/run_tracker.ts';
export { LiveRecord, type LiveRecordOptions } from './node/runs/live_record.ts';
export { listRuns } from './node/runs/run_store.ts';
export { RUN_ORDERS, type RunOrder, runsText, sortRuns } from './node/runs/runs_table.ts';
export type { SubjectLoader } from './node/subject_loader.ts';
export { type TrainRunOptions, type TrainRunResult, trainRun } from './node/train_run.ts';
export type { CaseFolders } from './node/ui/run_cases.ts';
export { type ServeUiOptions, serveUi } from './node/ui/serve_ui.ts';
export { type ServeWebOptions, serveWeb } from './node/web/serve_web.ts';
export { writeJsonFile, writeWholeFile } from './node/whole_file.ts';
