/** A scan beside its ground truth and its prediction. */
import { ConfigError, ShapeError } from '../../errors.ts';
import { spacingOf } from '../../io/affine.ts';
import { canonicalGrid, toCanonical } from '../../io/orientation.ts';
import { type Affine, spatialShape, type Volume, volume } from '../../io/volume.ts';
import { product, sameShape, showShape, type Triple } from '../../shape.ts';
import { readNiftiFile } from '../nifti_file.ts';
import { comparisonSvg, type LegendEntry, labelsOf } from './comparison_panels.ts';
import { renderSvg } from './render_svg.ts';
import { type AnatomicalPlane, largestSlice, PLANES, type Slice, takeSlice } from './slice.ts';

/** Volumes in any orientation, or NIfTI files of them; voxels correspond by their index. */
export interface SegmentationComparison {
  /** `[C,I,J,K]`. Without it the labels lie on a plain ground, in two panels. */
  readonly image?: Volume | string | undefined;
  /** Class indices, `[1,I,J,K]`. */
  readonly groundTruth: Volume | string;
  /** Class indices, `[1,I,J,K]`. */
  readonly prediction: Volume | string;
  /** Shown in the title; null or NaN where it does not exist. */
  readonly metricValue?: number | null | undefined;
  /** Default `Dice`. */
  readonly metricName?: string;
  /** The metric of single labels, shown in the legend. */
  readonly metricPerClass?: ReadonlyMap<number, number> | undefined;
  /** Millimetres per voxel along i, j, k. Default: those of the image, else of the ground truth. */
  readonly voxelSize?: Triple | undefined;
  /** 0 sagittal, 1 coronal, 2 axial (default). */
  readonly anatomicalPlane?: AnatomicalPlane;
  /** Along that axis of the RAS+ volume. Default: the slice with most ground truth. */
  readonly sliceIndex?: number | undefined;
  /** Of the image. Default 0. */
  readonly channel?: number;
  /** All labels above 0 are one. Default false. */
  readonly binary?: boolean;
  /** Names by label value, for the legend. */
  readonly classNames?: ReadonlyMap<number, string> | undefined;
  /** In front of the metric. */
  readonly title?: string | undefined;
}

const CALLER = 'showSegmentationComparison';

const loaded = async (given: Volume | string): Promise<Volume> =>
  typeof given === 'string' ? readNiftiFile(given) : given;

/** One channel alone; no voxel is copied. */
function channelOf(image: Volume, channel: number): Volume {
  const { data, shape, affine } = image;
  if (!(Number.isInteger(channel) && channel >= 0 && channel < shape[0])) {
    throw new ConfigError(
      `${CALLER}: the image has no such channel. Got ${channel}, it has ${shape[0]}. Pass a whole number from 0.`,
    );
  }
  const voxels = product(spatialShape(image));
  const values = data.subarray(channel * voxels, (channel + 1) * voxels);
  return volume(values, [1, ...spatialShape(image)], affine);
}

function checkGrids(volumes: readonly Volume[], names: readonly string[]): void {
  const shapes = volumes.map(({ shape }) => shape);
  if (shapes.every((shape) => sameShape(shape, [1, ...shapes[0]!.slice(1)]))) return;
  const arrived = names.map((name, n) => `${name} ${showShape(shapes[n]!)}`).join(', ');
  throw new ShapeError(
    `${CALLER}: the volumes are not on one grid. Got ${arrived} [C,I,J,K]. Predict on the image's own grid, or resample all to one with resampleToGrid.`,
  );
}

/** The directions of `affine` with voxels of another size. */
function withVoxelSize(affine: Affine, voxelSize: Triple): Affine {
  if (!voxelSize.every((size) => size > 0 && Number.isFinite(size))) {
    throw new ConfigError(
      `${CALLER}: a voxel size is a length. Got ${showShape(voxelSize)}. Pass millimetres along i, j, k.`,
    );
  }
  const spacing = spacingOf(affine);
  return affine.map((value, n) =>
    n < 12 && n % 4 < 3 ? (value * voxelSize[n % 4]!) / spacing[n % 4]! : value,
  );
}

function chooseSlice(
  truth: Volume,
  prediction: () => Volume,
  plane: AnatomicalPlane,
  given: number | undefined,
): number {
  const slices = spatialShape(truth)[plane];
  if (given === undefined) {
    // The ground truth's largest, else the prediction's, else the middle one.
    const inTruth = largestSlice(truth, plane);
    if (inTruth >= 0) return inTruth;
    const predicted = largestSlice(prediction(), plane);
    return predicted >= 0 ? predicted : Math.floor(slices / 2);
  }
  if (Number.isInteger(given) && given >= 0 && given < slices) return given;
  throw new ConfigError(
    `${CALLER}: there is no such slice. Got ${given}, there are ${slices} along the ${PLANES[plane].name} axis. Pass a whole number from 0.`,
  );
}

/** All labels as one. */
const merged = (labels: Slice): Slice => ({
  ...labels,
  values: labels.values.map((value) => (value > 0 ? 1 : 0)),
});

const decimals = (value: number | null): string =>
  typeof value === 'number' && Number.isFinite(value) ? value.toFixed(3) : 'undefined';

function legendOf(
  comparison: SegmentationComparison,
  values: readonly number[],
): readonly LegendEntry[] {
  const { classNames, metricPerClass, binary } = comparison;
  const named = [...(classNames?.keys() ?? [])].filter((value) => value > 0);
  const several = values.length > 1 || named.length > 1;
  if (binary || !several) return [];
  return values.map((value) => {
    const name = classNames?.get(value) ?? `label ${value}`;
    const metric = metricPerClass?.get(value);
    return { value, text: metric === undefined ? name : `${name} ${decimals(metric)}` };
  });
}

/**
 * Three panels, image, image with ground truth and image with prediction, of the slice with the most
 * ground truth. Pixels have the scan's aspect in millimetres; letters name the picture's edges.
 *
 * @returns a PNG
 * @throws ShapeError when the grids differ or a label map has several channels
 * @throws ConfigError for a slice, channel or voxel size that does not exist
 * @throws FormatError for a file that cannot be read
 * @see fastMONAI show_segmentation_comparison
 * Differs from fastMONAI: it gives a picture instead of drawing one, and any orientation comes in the
 * radiological convention, its rotation by 90 degrees and mirrored.
 */
export async function showSegmentationComparison(
  comparison: SegmentationComparison,
): Promise<Uint8Array> {
  const { image, groundTruth, prediction, binary = false, title } = comparison;
  const { metricValue, metricName = 'Dice', voxelSize, sliceIndex } = comparison;
  const plane = comparison.anatomicalPlane ?? 2;
  const scan = image === undefined ? undefined : await loaded(image);
  const given = [
    ...(scan ? [channelOf(scan, comparison.channel ?? 0)] : []),
    await loaded(groundTruth),
    await loaded(prediction),
  ];
  checkGrids(given, [...(scan ? ['image'] : []), 'ground truth', 'prediction']);
  // All take the first one's affine: a header that is off by a hair must not turn one of the three.
  const affine = voxelSize ? withVoxelSize(given[0]!.affine, voxelSize) : given[0]!.affine;
  // One at a time: each may be a copy as large as its volume.
  const canonical = ({ data, shape }: Volume): Volume => toCanonical({ data, shape, affine });
  const [truth, predicted] = given.slice(-2) as [Volume, Volume];
  const index = chooseSlice(canonical(truth), () => canonical(predicted), plane, sliceIndex);
  const slice = (each: Volume): Slice => takeSlice(canonical(each), plane, index);
  const picture = scan ? slice(given[0]!) : undefined;
  const labels = [truth, predicted].map((each) => (binary ? merged(slice(each)) : slice(each)));
  const { pixelWidth, pixelHeight } = labels[0]!;
  const slices = canonicalGrid({ shape: truth.shape, affine }).size[plane];
  const values = [...new Set(labels.flatMap(labelsOf))].sort((a, b) => a - b);
  const metric = metricValue === undefined ? undefined : `${metricName} ${decimals(metricValue)}`;
  const svg = comparisonSvg({
    heading: [title, metric].filter(Boolean).join('  ·  '),
    panels: [
      ...(picture ? [{ caption: 'image', picture, labels: undefined }] : []),
      { caption: 'ground truth', picture, labels: labels[0] },
      { caption: 'prediction', picture, labels: labels[1] },
    ],
    edges: PLANES[plane].edges,
    legend: legendOf(comparison, values),
    foot: `${PLANES[plane].name} slice ${index + 1} of ${slices}  ·  ${pixelWidth.toFixed(2)} × ${pixelHeight.toFixed(2)} mm`,
  });
  return renderSvg(svg);
}
