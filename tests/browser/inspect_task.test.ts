import { expect, test } from 'vitest';
import type { ScanFacts } from '../../src/browser/protocol.ts';
import { VoxgradWorker } from '../../src/browser/worker_client.ts';
import { FormatError } from '../../src/errors.ts';
import { fromSpacing } from '../../src/io/affine.ts';
import { type NiftiWriteOptions, writeNifti } from '../../src/io/nifti.ts';
import { volume } from '../../src/io/volume.ts';
import { Rng } from '../../src/rng.ts';
import { voxgradWorker } from '../helpers/fake_worker.ts';

const SIZE = 16;

async function inspect(
  valueAt: (i: number, j: number, k: number) => number,
  datatype: NiftiWriteOptions['datatype'] & string = 'uint8',
  channels = 1,
): Promise<ScanFacts> {
  const data = new Float32Array(channels * SIZE ** 3);
  for (let n = 0; n < data.length; n++) {
    data[n] = valueAt(Math.floor(n / SIZE ** 2) % SIZE, Math.floor(n / SIZE) % SIZE, n % SIZE);
  }
  const scan = volume(data, [channels, SIZE, SIZE, SIZE], fromSpacing([1, 2, 3], [0, 0, 0]));
  const bytes = writeNifti(scan, { datatype }) as Uint8Array<ArrayBuffer>;
  using engine = await VoxgradWorker.open(voxgradWorker());
  return await engine.inspect(new Blob([bytes]));
}

const ball = (radius: number) => (i: number, j: number, k: number) =>
  (i - 8) ** 2 + (j - 8) ** 2 + (k - 8) ** 2 < radius ** 2;

test('tells size, spacing and storage of a scan', async () => {
  const rng = Rng.seed(1);
  const facts = await inspect(() => rng.normal(), 'float32', 2);
  expect(facts).toEqual({
    shape: [2, SIZE, SIZE, SIZE],
    spacing: [1, 2, 3],
    datatype: 'float32',
    looksLikeLabels: false,
  });
});

test('knows label maps by their regions, however they are stored and numbered', async () => {
  const [small, large] = [ball(3), ball(6)];
  const labels = (i: number, j: number, k: number) =>
    small(i, j, k) ? 2035 : large(i, j, k) ? 17 : 0;
  expect((await inspect(labels, 'float32')).looksLikeLabels).toBe(true);
  expect((await inspect(labels, 'uint16')).looksLikeLabels).toBe(true);
  expect((await inspect(() => 0)).looksLikeLabels).toBe(true);
});

test('an image of whole numbers is none, even of few grey values around a head of zeros', async () => {
  const rng = Rng.seed(2);
  const head = ball(7);
  const image = (i: number, j: number, k: number) => (head(i, j, k) ? 40 + rng.integer(30) : 0);
  expect((await inspect(image)).looksLikeLabels).toBe(false);
});

test('neither are several channels, negative values or fractions', async () => {
  const large = ball(6);
  const inside = (value: number) => (i: number, j: number, k: number) =>
    large(i, j, k) ? value : 0;
  expect((await inspect(inside(1), 'uint8', 2)).looksLikeLabels).toBe(false);
  expect((await inspect(inside(-1), 'int16')).looksLikeLabels).toBe(false);
  expect((await inspect(inside(0.5), 'float32')).looksLikeLabels).toBe(false);
});

test('a file that is no scan is refused', async () => {
  using engine = await VoxgradWorker.open(voxgradWorker());
  await expect(engine.inspect(new Blob(['plain text']))).rejects.toThrow(FormatError);
});
