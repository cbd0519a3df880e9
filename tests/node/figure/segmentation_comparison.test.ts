import { join } from 'node:path';
import { decode } from 'fast-png';
import { expect, it } from 'vitest';
import { ConfigError, FormatError, ShapeError } from '../../../src/errors.ts';
import { fromSpacing } from '../../../src/io/affine.ts';
import { toOrientation } from '../../../src/io/orientation.ts';
import { type Volume, volume } from '../../../src/io/volume.ts';
import { comparisonLayout } from '../../../src/node/figure/comparison_panels.ts';
import {
  type SegmentationComparison,
  showSegmentationComparison,
} from '../../../src/node/figure/segmentation_comparison.ts';
import { takeSlice } from '../../../src/node/figure/slice.ts';
import { writeNiftiFile } from '../../../src/node/nifti_file.ts';
import { inTemporaryFolder } from '../../helpers/cli.ts';

const SHAPE = [1, 10, 8, 6] as const;
const affine = fromSpacing([1, 1.5, 2]);

function filled(value: (i: number, j: number, k: number) => number): Volume {
  const data = new Float32Array(480);
  for (let n = 0; n < data.length; n++) {
    data[n] = value(Math.floor(n / 48), Math.floor(n / 6) % 8, n % 6);
  }
  return volume(data, SHAPE, affine);
}

const image = filled((i, j) => i * 10 + j);
// A block at the patient's left (low i) and back (low j): bottom right of an axial picture.
const truth = filled((i, j, k) => (i < 3 && j < 3 && k === 4 ? 1 : 0));
const elsewhere = filled((i, j, k) => (i > 6 && j > 4 && k === 4 ? 1 : 0));
const layout = comparisonLayout(takeSlice(image, 2, 4));

/** Mean of red - blue in a box of panel n, given as fractions of the panel. */
function orangeness(png: Uint8Array, n: number, x: number, y: number): number {
  const { data, width, channels } = decode(png);
  const panel = layout.panels[n]!;
  let sum = 0;
  for (let dy = -6; dy <= 6; dy++) {
    for (let dx = -6; dx <= 6; dx++) {
      const column = Math.round(2 * (panel.x + x * panel.width)) + dx;
      const row = Math.round(2 * (panel.y + y * panel.height)) + dy;
      const at = (row * width + column) * channels;
      sum += data[at]! - data[at + 2]!;
    }
  }
  return sum / 169;
}

const show = (
  groundTruth: Volume,
  prediction: Volume,
  options: Partial<SegmentationComparison> = {},
): Promise<Uint8Array> =>
  showSegmentationComparison({
    image,
    groundTruth,
    prediction,
    metricValue: 0.5,
    title: 'case',
    ...options,
  });

const size = (png: Uint8Array) => {
  const { width, height } = decode(png);
  return [width, height] as const;
};

it('panels keep the scan’s aspect in millimetres, and the PNG has two pixels per unit', async () => {
  const [panel] = layout.panels;
  expect(panel!.width / panel!.height).toBeCloseTo((10 * 1) / (8 * 1.5));
  expect(size(await show(truth, elsewhere))).toEqual([2 * layout.width, 2 * layout.height]);
});

it('each overlay lies on its own panel, where its voxels are', async () => {
  const png = await show(truth, elsewhere);
  expect(orangeness(png, 0, 0.85, 0.8)).toBeCloseTo(0, 0);
  expect(orangeness(png, 1, 0.85, 0.8)).toBeGreaterThan(20);
  expect(orangeness(png, 1, 0.15, 0.2)).toBeCloseTo(0, 0);
  expect(orangeness(png, 2, 0.85, 0.8)).toBeCloseTo(0, 0);
  expect(orangeness(png, 2, 0.15, 0.2)).toBeGreaterThan(20);
});

it('the picture does not depend on how the scan is stored', async () => {
  const stored = [truth, elsewhere, image].map((v) => toOrientation(v, 'PIL'));
  const png = await show(stored[0]!, stored[1]!, { image: stored[2] });
  expect(Buffer.from(png).equals(Buffer.from(await show(truth, elsewhere)))).toBe(true);
});

it('files give the picture of their volumes', async () => {
  await inTemporaryFolder(async (folder) => {
    const paths = await Promise.all(
      [image, truth, elsewhere].map(async (each, n) => {
        const path = join(folder, `${n}.nii.gz`);
        await writeNiftiFile(path, each);
        return path;
      }),
    );
    const [scan, groundTruth, prediction] = paths as [string, string, string];
    const options = { metricValue: 0.5, title: 'case' };
    const png = await showSegmentationComparison({
      image: scan,
      groundTruth,
      prediction,
      ...options,
    });
    expect(Buffer.from(png).equals(Buffer.from(await show(truth, elsewhere)))).toBe(true);
    const missing = { groundTruth: join(folder, 'no.nii'), prediction };
    await expect(showSegmentationComparison(missing)).rejects.toThrow(FormatError);
  });
});

it('shows the prediction’s slice where the ground truth is empty', async () => {
  const empty = filled(() => 0);
  expect(orangeness(await show(empty, elsewhere), 2, 0.15, 0.2)).toBeGreaterThan(20);
});

it('takes the slice and the channel that it is told', async () => {
  const bare = await show(truth, elsewhere, { sliceIndex: 0 });
  expect(orangeness(bare, 1, 0.85, 0.8)).toBeCloseTo(0, 0);
  const both = new Float32Array([...image.data.map(() => 1), ...image.data]);
  const twoChannels = volume(both, [2, 10, 8, 6], affine);
  const second = await show(truth, elsewhere, { image: twoChannels, channel: 1 });
  expect(Buffer.from(second).equals(Buffer.from(await show(truth, elsewhere)))).toBe(true);
  await expect(show(truth, elsewhere, { sliceIndex: 6 })).rejects.toThrow(/Got 6, there are 6/);
  await expect(show(truth, elsewhere, { channel: 1 })).rejects.toThrow(/it has 1/);
});

it.each([
  [0, 8 * 1.5, 6 * 2],
  [1, 10 * 1, 6 * 2],
  [2, 10 * 1, 8 * 1.5],
] as const)('plane %d has the axes and the aspect of the others', async (plane, across, down) => {
  const panels = comparisonLayout(takeSlice(image, plane, 0)).panels;
  expect(panels[0]!.width / panels[0]!.height).toBeCloseTo(across / down);
  const png = await show(truth, elsewhere, { anatomicalPlane: plane });
  const { width, height } = comparisonLayout(takeSlice(image, plane, 0));
  expect(size(png)).toEqual([2 * width, 2 * height]);
});

it('pixels have the aspect of a voxel size that it is told, along the axes of the file', async () => {
  const turned = (v: Volume) => toOrientation(v, 'SAR');
  const png = await show(turned(truth), turned(elsewhere), {
    image: turned(image),
    voxelSize: [2, 3, 1],
  });
  const expected = comparisonLayout(takeSlice({ ...image, affine: fromSpacing([1, 3, 2]) }, 2, 0));
  expect(size(png)).toEqual([2 * expected.width, 2 * expected.height]);
  await expect(show(truth, elsewhere, { voxelSize: [1, 0, 1] })).rejects.toThrow(ConfigError);
});

it('several labels have colours of their own and a legend; --binary makes them one', async () => {
  const two = filled((i, j, k) => (i < 3 && j < 3 && k === 4 ? 2 : i > 6 && k === 4 ? 1 : 0));
  const png = await show(two, elsewhere);
  expect(size(png)[1]).toBeGreaterThan(2 * layout.height);
  // Label 2 is blue, label 1 orange.
  expect(orangeness(png, 1, 0.85, 0.8)).toBeLessThan(-20);
  expect(orangeness(png, 1, 0.15, 0.2)).toBeGreaterThan(20);
  // One label in the slice, of several that there are.
  const classNames = new Map([
    [1, 'one'],
    [2, 'two'],
  ]);
  const named = await show(truth, truth, { classNames });
  expect(size(named)[1]).toBeGreaterThan(2 * layout.height);
  const merged = await show(two, elsewhere, { binary: true });
  expect(orangeness(merged, 1, 0.85, 0.8)).toBeGreaterThan(20);
  expect(size(merged)[1]).toBe(2 * layout.height);
});

it('draws labels alone where there is no image', async () => {
  const png = await show(truth, elsewhere, { image: undefined });
  const two = comparisonLayout(takeSlice(image, 2, 4), 2);
  expect(size(png)).toEqual([2 * two.width, 2 * two.height]);
});

it('refuses volumes on different grids, naming each', async () => {
  const small = volume(new Float32Array(8), [1, 2, 2, 2], affine);
  const grids = 'image [1,10,8,6], ground truth [1,10,8,6], prediction [1,2,2,2] [C,I,J,K]';
  await expect(show(truth, small)).rejects.toThrow(grids);
  await expect(show(truth, small)).rejects.toThrow(ShapeError);
  const probabilities = volume(new Float32Array(960), [2, 10, 8, 6], affine);
  await expect(show(truth, probabilities)).rejects.toThrow(ShapeError);
});
