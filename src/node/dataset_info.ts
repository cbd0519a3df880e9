/** What is worth knowing of a data set before training on it: grids, orientations, intensities, labels. */
import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { FormatError } from '../errors.ts';
import { suggestPatchSize } from '../patch/suggest_patch_size.ts';
import { sameShape, type Triple } from '../shape.ts';
import { analyseGrids, median } from '../train/dataset_analysis.ts';
import type { DatasetRow } from '../train/file_facts.ts';
import type { MedDataset } from '../train/med_dataset.ts';
import type { SizeStatistics } from '../train/size_statistics.ts';
import { type DatasetFolder, readDatasetFolder } from './dataset_folder.ts';
import { type MedDatasetOptions, medDataset } from './med_dataset.ts';
import { caseName, niftiFiles } from './nifti_names.ts';

export interface DatasetInfoOptions
  extends Pick<
    MedDatasetOptions,
    'maxWorkers' | 'headersOnly' | 'onProgress' | 'onWarning' | 'signal'
  > {
  /** Axes after reordering to RAS+, as training sees them by default. Default true. */
  readonly applyReorder?: boolean;
  /** Millimetres. Default: the spacing that most images have. */
  readonly targetSpacing?: Triple;
}

/** Of one number per file. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export interface LabelInfo {
  readonly value: number;
  readonly name: string;
  /** Label maps in which it occurs. */
  readonly files: number;
  /** mm³ in those. */
  readonly volume: Spread;
}

export interface ChannelInfo {
  readonly name: string;
  readonly min: Spread;
  readonly mean: Spread;
  readonly std: Spread;
  readonly max: Spread;
  /** Values in all files that are infinite or no number. */
  readonly nonFinite: number;
}

export interface DatasetInfo {
  readonly name: string;
  readonly images: MedDataset;
  /** In the order of the images; undefined for a folder without a dataset.json. */
  readonly labelMaps: MedDataset | undefined;
  /** How many readable images are stored in each orientation, the most frequent first. */
  readonly orientations: readonly (readonly [orientation: string, total: number])[];
  readonly suggestion: {
    readonly targetSpacing: Triple;
    readonly patchSize: Triple;
    readonly applyReorder: boolean;
  };
  /** Voxels at the suggested spacing. */
  readonly sizes: SizeStatistics;
  readonly labels: readonly LabelInfo[];
  readonly intensities: readonly ChannelInfo[];
}

function spread(values: readonly number[]): Spread {
  return { min: Math.min(...values), median: median(values), max: Math.max(...values) };
}

function labelInfo(labelMaps: MedDataset, names: ReadonlyMap<number, string>): LabelInfo[] {
  const byLabel = new Map<number, number[]>();
  for (const { labelVolumes } of labelMaps.readable()) {
    for (const [value, volume] of labelVolumes ?? []) {
      byLabel.set(value, [...(byLabel.get(value) ?? []), volume]);
    }
  }
  return [...byLabel]
    .sort((a, b) => a[0] - b[0])
    .map(([value, volumes]) => ({
      value,
      name: names.get(value) ?? `label ${value}`,
      files: volumes.length,
      volume: spread(volumes),
    }));
}

function channelInfo(images: MedDataset, names: readonly string[]): ChannelInfo[] {
  const files = images.readable().flatMap(({ intensities }) => (intensities ? [intensities] : []));
  const channels = Math.max(0, ...files.map((file) => file.length));
  return Array.from({ length: channels }, (_, channel) => {
    const all = files.flatMap((file) => file[channel] ?? []);
    const finite = all.filter(({ mean }) => Number.isFinite(mean));
    const of = (name: 'min' | 'mean' | 'std' | 'max'): Spread =>
      spread(finite.map((intensities) => intensities[name]));
    return {
      name: names[channel] ?? `channel ${channel}`,
      min: of('min'),
      mean: of('mean'),
      std: of('std'),
      max: of('max'),
      nonFinite: all.reduce((sum, { nonFinite }) => sum + nonFinite, 0),
    };
  });
}

/** Subjects whose image and label map have different sizes, by name. */
function unequalPairs(images: readonly DatasetRow[], labelMaps: readonly DatasetRow[]): string[] {
  return images.flatMap((image, n) => {
    const label = labelMaps[n]!;
    const comparable = 'dim' in image && 'dim' in label;
    return comparable && !sameShape(image.dim, label.dim) ? [caseName(image.path)] : [];
  });
}

/** Advice that the tables alone do not give. */
function* advice({ images, labelMaps, labels }: DatasetInfo, names: ReadonlyMap<number, string>) {
  if (labelMaps) {
    const unequal = unequalPairs(images.rows, labelMaps.rows);
    if (unequal.length > 0) {
      yield `image and label map differ in size in ${unequal.length} subjects, the first is '${unequal[0]}'`;
    }
  }
  const strangers = labels.filter(({ value }) => names.size > 0 && !names.has(value));
  if (strangers.length > 0) {
    yield `dataset.json does not name the labels ${strangers.map(({ value }) => value).join(', ')}`;
  }
  const grids = images.readable().map(({ path, dim, voxel }) => ({
    name: path,
    size: dim,
    spacing: voxel,
  }));
  const { spacingRule, targetSpacing } = analyseGrids(grids);
  if (spacingRule.includes('median')) {
    yield `fewer than half of the images share a spacing: 'train' takes the median there, ${targetSpacing.join(' × ')} mm`;
  }
}

interface Source {
  readonly name: string;
  readonly images: readonly string[];
  readonly labelMaps: readonly string[] | undefined;
  readonly classNames: ReadonlyMap<number, string>;
  readonly channelNames: readonly string[];
}

/** A task folder by its dataset.json, any other folder by its NIfTI files. */
async function sourceOf(dir: string): Promise<Source> {
  const isTask = await stat(join(dir, 'dataset.json')).then(
    () => true,
    () => false,
  );
  if (isTask) {
    const { json, subjects }: DatasetFolder = await readDatasetFolder(dir);
    return {
      name: json.name || basename(resolve(dir)),
      images: subjects.map(({ image }) => image),
      labelMaps: subjects.map(({ label }) => label),
      classNames: json.labels,
      channelNames: json.modality,
    };
  }
  const images = [...(await niftiFiles(dir)).values()];
  if (images.length === 0) {
    throw new FormatError(
      `datasetInfo: no data set. ${dir} holds neither a dataset.json nor NIfTI files. Pass a Decathlon task folder or a folder of scans.`,
    );
  }
  const none = { labelMaps: undefined, classNames: new Map<number, string>(), channelNames: [] };
  return { name: basename(resolve(dir)), images, ...none };
}

function countOrientations(images: MedDataset): [string, number][] {
  const counts = new Map<string, number>();
  for (const { storedOrientation: code } of images.readable()) {
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

/**
 * Reads a Decathlon task folder, or a folder of NIfTI files. Files that cannot be read are rows with an
 * error in `images` and `labelMaps`.
 *
 * @throws FormatError for a folder that is no data set, ConfigError if none of its images can be read
 */
export async function datasetInfo(
  dir: string,
  options: DatasetInfoOptions = {},
): Promise<DatasetInfo> {
  const { applyReorder = true, targetSpacing: given, onProgress, onWarning, ...reading } = options;
  const { name, images: paths, labelMaps: labelPaths, ...names } = await sourceOf(dir);
  const total = paths.length + (labelPaths?.length ?? 0);
  const read = (imgList: readonly string[], dtype: 'image' | 'mask', before: number) =>
    medDataset({
      ...reading,
      imgList,
      dtype,
      applyReorder,
      onProgress: (done, _, path) => onProgress?.(before + done, total, path),
      ...(onWarning ? { onWarning } : {}),
    });
  const images = await read(paths, 'image', 0);
  const labelMaps = labelPaths && (await read(labelPaths, 'mask', paths.length));
  const targetSpacing = given ?? images.getSuggestion().targetSpacing;
  const info: DatasetInfo = {
    name,
    images,
    labelMaps,
    orientations: countOrientations(images),
    suggestion: {
      targetSpacing,
      patchSize: suggestPatchSize(images, { targetSpacing, onWarning }),
      applyReorder,
    },
    sizes: images.getSizeStatistics(targetSpacing),
    labels: labelMaps ? labelInfo(labelMaps, names.classNames) : [],
    intensities: channelInfo(images, names.channelNames),
  };
  for (const line of advice(info, names.classNames)) onWarning?.(line);
  return info;
}
