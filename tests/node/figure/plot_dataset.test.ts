import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { plotDataset } from '../../../src/node/figure/plot_dataset.ts';
import type { Triple } from '../../../src/shape.ts';
import { MedDataset } from '../../../src/train/med_dataset.ts';

const row = (dim: Triple, volumes?: Record<number, number>) => ({
  path: dim.join('x'),
  dim,
  voxel: [1, 1.5, 3] as const,
  orientation: 'RAS+',
  storedOrientation: 'RAS+',
  channels: 1,
  ...(volumes
    ? { labelVolumes: new Map(Object.entries(volumes).map(([k, v]) => [Number(k), v])) }
    : {}),
});

const sizes: Triple[] = Array.from({ length: 20 }, (_, n) => [60 + n, 80, 20 + (n % 3)]);
const images = new MedDataset(sizes.map((size) => row(size)));
const labelMaps = new MedDataset(
  sizes.map((size, n) => row(size, { 1: 2000 + 50 * n, 2: 90_000 + 1000 * n })),
  { dtype: 'mask' },
);

describe('plotDataset', () => {
  it('draws sizes and spacings, and label volumes where there are any', async () => {
    const two = decode(await plotDataset({ title: 'set', images }));
    const three = decode(
      await plotDataset({ title: 'set', images, labelMaps, classNames: new Map([[1, 'atrium']]) }),
    );
    expect(three.width).toBeGreaterThan(1.3 * two.width);
  });

  it('the same data give the same bytes, other data other ones', async () => {
    const first = await plotDataset({ images, labelMaps });
    expect(await plotDataset({ images, labelMaps })).toEqual(first);
    const other = new MedDataset([...sizes, [61, 90, 21] as const].map((size) => row(size)));
    expect(Buffer.from(await plotDataset({ images: other, labelMaps })).equals(first)).toBe(false);
  });

  it('refuses a data set of which nothing could be read', async () => {
    const bad = new MedDataset([{ path: 'a', error: 'truncated' }]);
    await expect(plotDataset({ images: bad })).rejects.toThrow('nothing to draw');
  });
});
