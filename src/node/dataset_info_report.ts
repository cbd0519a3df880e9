/** What `datasetInfo` found, for people and for machines. */
import { basename } from 'node:path';
import type { Triple } from '../shape.ts';
import type { DatasetRow } from '../train/file_facts.ts';
import type { DatasetInfo, Spread } from './dataset_info.ts';

/** Groups of equal grids that the text lists; the rest are counted. */
const MOST_GROUPS = 12;

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

function spreadJson({ min, median, max }: Spread) {
  return { min: orNull(min), median: orNull(median), max: orNull(max) };
}

function rowJson(row: DatasetRow) {
  if ('error' in row) return row;
  const { labelVolumes, intensities, ...facts } = row;
  return {
    ...facts,
    ...(labelVolumes ? { labelVolumes: Object.fromEntries(labelVolumes) } : {}),
    ...(intensities
      ? {
          intensities: intensities.map(({ min, max, mean, std, nonFinite }) => ({
            min: orNull(min),
            max: orNull(max),
            mean: orNull(mean),
            std: orNull(std),
            nonFinite,
          })),
        }
      : {}),
  };
}

/** Ready for JSON.stringify: sizes in voxels, spacings in mm, label volumes in mm³; what does not exist is null. */
export function datasetInfoJson(info: DatasetInfo) {
  const { name, images, labelMaps, orientations, suggestion, sizes, labels, intensities } = info;
  return {
    name,
    images: images.rows.length,
    labelMaps: labelMaps?.rows.length ?? 0,
    unreadable: [...images.unreadable(), ...(labelMaps?.unreadable() ?? [])],
    summary: images.summary(),
    orientations: Object.fromEntries(orientations),
    suggestion,
    sizes,
    storedSizes: images.getSizeStatistics(),
    labels: labels.map((label) => ({ ...label, volume: spreadJson(label.volume) })),
    intensities: intensities.map(({ min, mean, std, max, ...channel }) => ({
      ...channel,
      min: spreadJson(min),
      mean: spreadJson(mean),
      std: spreadJson(std),
      max: spreadJson(max),
    })),
    files: [...images.rows, ...(labelMaps?.rows ?? [])].map(rowJson),
  };
}

/** Whole above a thousand, else four significant digits. */
function show(value: number): string {
  if (!Number.isFinite(value)) return 'n/a';
  return String(Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4)));
}

const times = (values: Triple): string => values.map(show).join(' × ');
const range = ({ min, median, max }: Spread): string =>
  `${show(median)} (${show(min)} to ${show(max)})`;

/** Columns aligned: those named in `left` to the left, numbers to the right. */
function table(rows: readonly (readonly string[])[], left: readonly number[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const cell = (text: string, column: number): string =>
    left.includes(column) ? text.padEnd(widths[column]!) : text.padStart(widths[column]!);
  return rows.map((row) => `  ${row.map(cell).join('  ').trimEnd()}`).join('\n');
}

function gridTable({ images }: DatasetInfo): string {
  const groups = images.summary();
  const rows = groups
    .slice(0, MOST_GROUPS)
    .map(({ dim, voxel, orientation, total, examplePath }) => [
      times(dim),
      times(voxel),
      orientation,
      String(total),
      basename(examplePath),
    ]);
  const head = ['size, voxels', 'spacing, mm', 'axes', 'images', 'example'];
  const rest = groups.slice(MOST_GROUPS).reduce((sum, { total }) => sum + total, 0);
  return [
    table([head, ...rows], [0, 1, 2, 4]),
    ...(rest > 0 ? [`  and ${rest} images in ${groups.length - MOST_GROUPS} more groups`] : []),
  ].join('\n');
}

function sizeTable({ sizes, suggestion }: DatasetInfo): string {
  const { median, min, max, std, percentile10, percentile90 } = sizes;
  const named: [string, Triple][] = [
    ['median', median],
    ['from', min],
    ['to', max],
    ['std', std],
    ['10 % below', percentile10],
    ['90 % below', percentile90],
  ];
  const head = [`voxels at ${times(suggestion.targetSpacing)} mm`, 'i', 'j', 'k'];
  return table([head, ...named.map(([name, values]) => [name, ...values.map(show)])], [0]);
}

function labelTable({ labels, labelMaps }: DatasetInfo): string {
  const of = labelMaps?.readable().length ?? 0;
  const rows = labels.map(({ value, name, files, volume }) => [
    `${value} ${name}`,
    `${files} of ${of}`,
    show(volume.median),
    show(volume.min),
    show(volume.max),
  ]);
  return table([['label, mm³', 'label maps', 'median', 'from', 'to'], ...rows], [0]);
}

function intensityTable({ intensities }: DatasetInfo): string {
  const rows = intensities.map(({ name, min, mean, std, max, nonFinite }) => [
    name,
    ...[min, mean, std, max].map(range),
    String(nonFinite),
  ]);
  const head = ['intensities, median (from to)', 'min', 'mean', 'std', 'max', 'not finite'];
  return table([head, ...rows], [0]);
}

/** Tables, each under its own heading. */
export function datasetInfoText(info: DatasetInfo): string {
  const { name, images, labelMaps, orientations, suggestion, labels, intensities } = info;
  const unreadable = [...images.unreadable(), ...(labelMaps?.unreadable() ?? [])];
  const count = [
    `${images.rows.length} images`,
    ...(labelMaps ? [`${labelMaps.rows.length} label maps`] : []),
    ...(unreadable.length > 0 ? [`${unreadable.length} unreadable`] : []),
  ];
  return [
    `${name}: ${count.join(', ')}`,
    gridTable(info),
    `  stored as ${orientations.map(([code, total]) => `${code} (${total})`).join(', ')}`,
    sizeTable(info),
    ...(labels.length > 0 ? [labelTable(info)] : []),
    ...(intensities.length > 0 ? [intensityTable(info)] : []),
    ...(unreadable.length > 0
      ? [
          `  cannot be read\n${unreadable.map(({ path, error }) => `  ${path}: ${error}`).join('\n')}`,
        ]
      : []),
    [
      '  suggested',
      `  targetSpacing  ${times(suggestion.targetSpacing)} mm`,
      `  patchSize      ${times(suggestion.patchSize)} voxels`,
      `  applyReorder   ${suggestion.applyReorder}`,
    ].join('\n'),
  ].join('\n\n');
}
