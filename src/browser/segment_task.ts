/** One scan through the worker's model: bytes of a file in, bytes of a file out. */
import { ConfigError, FormatError } from '../errors.ts';
import { determinant } from '../io/affine.ts';
import { type NiftiImage, readNifti, writeNifti } from '../io/nifti.ts';
import { labelMapOptions } from '../io/nifti_labels.ts';
import { caseOf } from '../io/nifti_names.ts';
import type { Volume } from '../io/volume.ts';
import { withPatchSize } from '../patch/patch_config.ts';
import { preprocessingOf } from '../patch/preprocessing.ts';
import { inferPreparedScan, planScan, prepareScan } from '../train/patch_inference.ts';
import { blobBytes } from './blob_bytes.ts';
import { defaultGpuBytes } from './gpu_budget.ts';
import { gzip } from './gzip.ts';
import type { LoadedModel } from './loaded_model.ts';
import type { ClassVolume, SegmentProgress } from './protocol.ts';
import { StageClock } from './stage_clock.ts';
import { breathe, type TaskWork, type WorkerState } from './task_context.ts';

function modelOf({ model }: WorkerState): LoadedModel {
  if (model) return model;
  throw new ConfigError(
    'segment: there is no model. A scan arrived before a model. Load a model file first.',
  );
}

/** @throws FormatError with the scan's name in front */
async function readScan(name: string, scan: Blob, inChannels: number): Promise<NiftiImage> {
  let image: NiftiImage;
  try {
    image = readNifti(await blobBytes(scan));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new FormatError(`${name}: ${error.message}`, { cause: error });
  }
  if (image.shape[0] === inChannels) return image;
  throw new FormatError(
    `${name}: segment: the image does not fit the model. It has ${image.shape[0]} channels, the model reads ${inChannels}. Choose images such as it was trained on.`,
  );
}

function classVolumes({ data, affine }: Volume, classNames: readonly string[]): ClassVolume[] {
  const counts = new Float64Array(classNames.length);
  for (let n = 0; n < data.length; n++) counts[data[n]!]!++;
  const millilitres = Math.abs(determinant(affine)) / 1000;
  return classNames
    .map((name, value) => ({
      value,
      name,
      voxels: counts[value]!,
      millilitres: counts[value]! * millilitres,
    }))
    .slice(1);
}

/**
 * What `segment` of `VoxgradWorker` does in the worker.
 *
 * @throws ConfigError without a model, GpuMemoryError where the plan does not fit `gpuBytes` or the
 *   adapter; FormatError for a file that is no scan or does not fit the model; as `inferScan`
 * @throws the signal's reason
 */
export const segmentTask: TaskWork<'segment'> = async ({ scan, settings }, context) => {
  const { state, signal } = context;
  const { name: fileName, patchSize, ...others } = settings;
  const name = caseOf(fileName);
  const clock = new StageClock<SegmentProgress['stage']>((progress) => context.report(progress));
  const warnings: string[] = [];
  const { decoded } = modelOf(state);
  const own = decoded.patchConfig;
  const config = patchSize ? withPatchSize(own, patchSize) : own;

  // A function of its own, so that the voxels as they were read are free while the network runs.
  const prepareFile = async () => {
    const read = await readScan(name, scan, decoded.architecture.inChannels);
    await breathe(signal);
    clock.at('preparing');
    const prepared = prepareScan(read, preprocessingOf(config), name);
    return { prepared, header: read.header, voxelBytes: read.data.byteLength };
  };

  clock.at('reading');
  const { prepared, header, voxelBytes } = await prepareFile();
  await breathe(signal);

  const source = async () => {
    const gpu = await state.gpu.get();
    return { gpu, model: modelOf(state).on(gpu) };
  };
  let { gpu, model } = await source();
  const { deviceMemory } = (globalThis.navigator ?? {}) as { deviceMemory?: number };
  const options = {
    gpuBytes: defaultGpuBytes(gpu.device.limits, deviceMemory),
    ...others,
    config,
    name,
    signal,
    recovery: {
      reopen: async () => {
        ({ gpu, model } = await source());
        return { gpu, model };
      },
    },
    onWarning: (message: string) => void warnings.push(message),
  };
  const { image } = prepared.subject;
  const { memory, views, aggregation } = planScan(gpu, model, image, options);
  const patches = views.length * aggregation.locations.length;
  // What earlier scans left for reuse would count as this one's.
  await gpu.sync();
  gpu.pool.trim(0);
  gpu.pool.resetPeak();
  clock.at('compiling');
  const inference = await inferPreparedScan(gpu, model, prepared, {
    ...options,
    onCompile: (done, total) =>
      done < total ? clock.at('compiling', done, total) : clock.at('predicting', 0, patches),
    onProgress: (done, total) => clock.at('predicting', done, total),
  });
  clock.at('writing');
  await breathe(signal);
  const labels = inference.labels();
  await breathe(signal);
  const bytes = writeNifti(labels, { ...labelMapOptions(labels, header), gzip: false });
  const file = await gzip(bytes);
  signal.throwIfAborted();
  clock.at('writing', 1);
  return {
    file,
    fileName: `${name}_pred.nii.gz`,
    classes: classVolumes(labels, decoded.classNames),
    seconds: {
      reading: clock.of('reading'),
      preparing: clock.of('preparing'),
      compiling: clock.of('compiling'),
      predicting: clock.of('predicting'),
      writing: clock.of('writing'),
      total: clock.of(),
    },
    memory: {
      gpuBytes: memory.total,
      gpuPeakBytes: gpu.pool.peakAllocatedBytes + memory.readback,
      jsBytes: image.data.byteLength + Math.max(voxelBytes, 2 * labels.data.byteLength),
    },
    warnings,
  };
};
