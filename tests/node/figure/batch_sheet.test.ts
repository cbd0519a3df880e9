import { decode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../../src/errors.ts';
import { batchSheet } from '../../../src/node/figure/batch_sheet.ts';
import type { Batch } from '../../../src/train/batch.ts';
import { randomArray } from '../../helpers/random.ts';

/** Noise, with a box of label 2 in the middle of each patch. */
function batchOf(samples: number, size: readonly [number, number, number], channels = 1): Batch {
  const imageShape = [samples, channels, ...size];
  const labelShape = [samples, 1, ...size];
  const label = new Uint32Array(samples * size[0] * size[1] * size[2]);
  const inside = (at: number, axis: 0 | 1 | 2): boolean =>
    at >= size[axis] / 4 && at < (3 * size[axis]) / 4;
  for (let n = 0; n < label.length; n++) {
    const k = n % size[2];
    const j = Math.floor(n / size[2]) % size[1];
    const i = Math.floor(n / (size[1] * size[2])) % size[0];
    label[n] = inside(i, 0) && inside(j, 1) && inside(k, 2) ? 2 : 0;
  }
  return { image: randomArray(imageShape, 1), imageShape, label, labelShape };
}

/** Pixels whose colour is far from grey. */
function coloured(png: Uint8Array): number {
  const { data, channels } = decode(png);
  let count = 0;
  for (let n = 0; n < data.length; n += channels) {
    const [r, g, b] = [data[n]!, data[n + 1]!, data[n + 2]!];
    if (Math.max(r, g, b) - Math.min(r, g, b) > 40) count++;
  }
  return count;
}

describe('batchSheet', () => {
  test('shows each patch with its labels, in rows', () => {
    const sizes = [1, 4, 9].map((samples) => decode(batchSheet(batchOf(samples, [12, 12, 8]))));
    expect(sizes[1]!.width).toBeGreaterThan(sizes[0]!.width);
    expect(sizes[2]!.width).toBeGreaterThan(sizes[1]!.width);
    expect(sizes[2]!.height).toBeGreaterThan(sizes[1]!.height);
  });

  test('lays labels on top, and none where there are none', () => {
    const batch = batchOf(2, [12, 12, 8]);
    expect(coloured(batchSheet(batch))).toBeGreaterThan(1000);
    expect(coloured(batchSheet({ ...batch, label: new Uint32Array(batch.label.length) }))).toBe(0);
  });

  test('gives the same bytes for the same batch, others for another plane, channel or name', () => {
    const batch = batchOf(2, [12, 10, 8], 2);
    const plain = batchSheet(batch);
    expect(batchSheet(batch)).toEqual(plain);
    expect(batchSheet(batch, { anatomicalPlane: 0 })).not.toEqual(plain);
    expect(batchSheet(batch, { channel: 1 })).not.toEqual(plain);
    expect(batchSheet({ ...batch, names: ['one', 'two'] })).not.toEqual(plain);
    expect(batchSheet(batch, { spacing: [1, 3, 1] })).not.toEqual(plain);
  });

  test('shows no more patches than asked for', () => {
    const batch = batchOf(5, [8, 8, 8]);
    expect(decode(batchSheet(batch, { maxItems: 1 })).width).toBeLessThan(
      decode(batchSheet(batch)).width,
    );
  });

  test('refuses a channel that is not there', () => {
    expect(() => batchSheet(batchOf(1, [8, 8, 8]), { channel: 1 })).toThrow(ConfigError);
  });
});
