/** Sizes, spacings and label volumes of a data set: a point per file. */
import { ConfigError } from '../../errors.ts';
import { median } from '../../train/dataset_analysis.ts';
import type { MedDataset } from '../../train/med_dataset.ts';
import { BLUE, GREEN, labelColour, ORANGE } from './colours.ts';
import { vegaPng } from './vega_png.ts';

export interface DatasetFigure {
  readonly title?: string;
  readonly images: MedDataset;
  readonly labelMaps?: MedDataset | undefined;
  /** Names by label value. */
  readonly classNames?: ReadonlyMap<number, string> | undefined;
}

/** One line of points. */
interface Strip {
  readonly name: string;
  readonly colour: string;
  readonly values: readonly number[];
}

const AXIS_COLOURS = [BLUE, ORANGE, GREEN] as const;
const STRIP_HEIGHT = 74;
/** Share of a strip over which its points are scattered. */
const SCATTER = 0.62;
/** Between the smallest and the largest value, above which an axis is logarithmic. */
const WIDE = 50;

/** The golden ratio's multiples fill a strip evenly, in any number, and always in the same way. */
const scatter = (index: number): number => SCATTER * (((index * 0.618034) % 1) - 0.5);

/** Digits that tell neighbouring values apart, without trailing zeros. */
const label = (value: number): string => String(Number(value.toPrecision(4)));

function panel(title: string, unit: string, strips: readonly Strip[]) {
  const points = strips.flatMap(({ values, colour }, strip) =>
    values.map((value, index) => ({ value, colour, strip: strip + scatter(index) })),
  );
  const medians = strips.map(({ values }, strip) => {
    const value = median(values);
    return { value, text: label(value), from: strip - 0.4, to: strip + 0.4 };
  });
  const all = points.map(({ value }) => value);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const isWide = least > 0 && most > WIDE * least;
  const x = {
    field: 'value',
    type: 'quantitative',
    title: unit,
    scale: isWide
      ? { type: 'log', domain: [least / 1.2, most * 1.2], nice: false }
      : { domain: [0, 1.08 * most || 1], nice: false },
    axis: { tickCount: 6 },
  };
  const y = (field: string) => ({
    field,
    type: 'quantitative',
    title: null,
    scale: { domain: [strips.length - 0.5, -0.5], nice: false },
    axis: {
      values: strips.map((_, strip) => strip),
      labelExpr: `${JSON.stringify(strips.map(({ name }) => name))}[datum.value]`,
      grid: false,
      ticks: false,
      domain: false,
    },
  });
  return {
    width: 300,
    height: Math.max(2, strips.length) * STRIP_HEIGHT,
    title,
    layer: [
      {
        data: { values: points },
        mark: { type: 'point', filled: true, size: 26, opacity: 0.45 },
        encoding: { x, y: y('strip'), color: { field: 'colour', type: 'nominal', scale: null } },
      },
      {
        data: { values: medians },
        mark: { type: 'rule', strokeWidth: 2, color: '#222' },
        encoding: { x, y: y('from'), y2: { field: 'to' } },
      },
      {
        data: { values: medians },
        mark: { type: 'text', align: 'left', dx: 5, dy: 7, fontSize: 11, color: '#222' },
        encoding: { x, y: y('from'), text: { field: 'text' } },
      },
    ],
  };
}

function axisStrips(dataset: MedDataset, of: 'dim' | 'voxel'): Strip[] {
  const files = dataset.readable();
  // Without reordering the axes have the letters of the orientation that all files share.
  const letters = [...(files[0]?.orientation ?? '')];
  return ([0, 1, 2] as const).map((axis) => ({
    name: `${'ijk'[axis]} (${letters[axis]})`,
    colour: AXIS_COLOURS[axis],
    values: files.map((file) => file[of][axis]),
  }));
}

function labelStrips({ labelMaps, classNames }: DatasetFigure): Strip[] {
  const maps = labelMaps?.readable().flatMap(({ labelVolumes }) => labelVolumes ?? []) ?? [];
  const values = [...new Set(maps.flatMap((volumes) => [...volumes.keys()]))].sort((a, b) => a - b);
  return values.map((value) => ({
    name: classNames?.get(value) ?? `label ${value}`,
    colour: labelColour(value),
    values: maps.flatMap((volumes) => {
      const cubicMillimetres = volumes.get(value);
      return cubicMillimetres === undefined ? [] : [cubicMillimetres / 1000];
    }),
  }));
}

/**
 * A point per file and axis for sizes and spacings, and one per file and label for label volumes, with
 * the median of each. Without label volumes there are two panels. An axis is logarithmic where values
 * differ widely.
 *
 * @returns a PNG, two pixels per unit
 * @throws ConfigError when no image could be read
 */
export async function plotDataset(figure: DatasetFigure): Promise<Uint8Array> {
  const { images, title } = figure;
  if (images.readable().length === 0) {
    throw new ConfigError(
      `plotDataset: nothing to draw. Got ${images.rows.length} images, none of them readable. Check their errors.`,
    );
  }
  const labels = labelStrips(figure);
  return vegaPng({
    title,
    panels: [
      panel('Sizes', 'voxels', axisStrips(images, 'dim')),
      panel('Spacings', 'mm', axisStrips(images, 'voxel')),
      ...(labels.length > 0 ? [panel('Label volumes', 'ml', labels)] : []),
    ],
  });
}
