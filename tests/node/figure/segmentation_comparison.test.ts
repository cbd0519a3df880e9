import { decode } from 'fast-png';
import { expect, it } from 'vitest';
import { fromSpacing } from '../../../src/io/affine.ts';
import { toOrientation } from '../../../src/io/orientation.ts';
import { type Volume, volume } from '../../../src/io/volume.ts';
import {
  comparisonLayout,
  segmentationComparison,
} from '../../../src/node/figure/segmentation_comparison.ts';
import { takeSlice } from '../../../src/node/figure/slice.ts';

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

const draw = (groundTruth: Volume, prediction: Volume, scan = image): Uint8Array =>
  segmentationComparison({ image: scan, groundTruth, prediction, dice: 0.5, title: 'case' });

it('panels keep the scan’s aspect in millimetres, and the PNG has two pixels per unit', () => {
  const [panel] = layout.panels;
  expect(panel!.width / panel!.height).toBeCloseTo((10 * 1) / (8 * 1.5));
  const { width, height } = decode(draw(truth, elsewhere));
  expect([width, height]).toEqual([2 * layout.width, 2 * layout.height]);
});

it('each overlay lies on its own panel, where its voxels are', () => {
  const png = draw(truth, elsewhere);
  expect(orangeness(png, 0, 0.85, 0.8)).toBeCloseTo(0, 0);
  expect(orangeness(png, 1, 0.85, 0.8)).toBeGreaterThan(20);
  expect(orangeness(png, 1, 0.15, 0.2)).toBeCloseTo(0, 0);
  expect(orangeness(png, 2, 0.85, 0.8)).toBeCloseTo(0, 0);
  expect(orangeness(png, 2, 0.15, 0.2)).toBeGreaterThan(20);
});

it('the picture does not depend on how the scan is stored', () => {
  const stored = [truth, elsewhere, image].map((v) => toOrientation(v, 'PIL'));
  const png = draw(stored[0]!, stored[1]!, stored[2]);
  expect(Buffer.from(png).equals(Buffer.from(draw(truth, elsewhere)))).toBe(true);
});

it('shows the prediction’s slice where the ground truth is empty', () => {
  const empty = filled(() => 0);
  expect(orangeness(draw(empty, elsewhere), 2, 0.15, 0.2)).toBeGreaterThan(20);
});

it('refuses volumes on different grids', () => {
  const small = volume(new Float32Array(8), [1, 2, 2, 2], affine);
  expect(() => draw(small, elsewhere)).toThrow('differ in size. Got [10,8,6], [2,2,2], [10,8,6]');
});
