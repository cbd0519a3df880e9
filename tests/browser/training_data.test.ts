import { describe, expect, it } from 'vitest';
import {
  inspectTraining,
  readTrainingCase,
  type TrainingCase,
} from '../../src/browser/training_data.ts';
import { ConfigError, FormatError } from '../../src/errors.ts';
import { fromSpacing } from '../../src/io/affine.ts';
import { writeNifti } from '../../src/io/nifti.ts';
import { volume } from '../../src/io/volume.ts';

type Size = readonly [number, number, number];

function file(values: (n: number) => number, size: Size, channels = 1, origin: Size = [0, 0, 0]) {
  const data = Float32Array.from({ length: channels * size[0] * size[1] * size[2] }, (_, n) =>
    values(n),
  );
  const shape = [channels, ...size];
  return new Blob([
    writeNifti(volume(data, shape, fromSpacing([1, 1, 2], origin))) as Uint8Array<ArrayBuffer>,
  ]);
}

const SIZE: Size = [4, 5, 6];

const pair = (name: string, labels: readonly number[] = [0, 1]): TrainingCase => ({
  name,
  image: file((n) => n, SIZE),
  label: file((n) => labels[n % labels.length]!, SIZE),
});

describe('inspectTraining', () => {
  it('gives grids, channels, and the label values of all cases', async () => {
    const done: number[] = [];
    const data = await inspectTraining([pair('a'), pair('b', [0, 0, 2])], {
      onProgress: (count) => void done.push(count),
    });
    expect(data.grids.map(({ name, size, spacing }) => [name, size, spacing])).toEqual([
      ['a', [4, 5, 6], [1, 1, 2]],
      ['b', [4, 5, 6], [1, 1, 2]],
    ]);
    expect(data.channels).toBe(1);
    expect(data.labels).toEqual([
      { value: 1, voxels: 60, cases: 1 },
      { value: 2, voxels: 40, cases: 1 },
    ]);
    expect(data.warnings).toEqual([]);
    expect(done).toEqual([0, 1, 2]);
  });

  it('says which values become which classes where they have gaps', async () => {
    const { warnings } = await inspectTraining([pair('a', [0, 1, 7])]);
    expect(warnings).toEqual(['Label values have gaps: 1, 7 become the classes 1, 2.']);
  });

  it('says where a label map lies elsewhere than its image', async () => {
    const displaced = { ...pair('a'), label: file((n) => n % 2, SIZE, 1, [9, 0, 0]) };
    const { warnings } = await inspectTraining([displaced, pair('b')]);
    expect(warnings[0]).toMatch(/different places in 1 of 2 cases, the first is a/);
  });

  it('refuses files that do not fit together, naming them', async () => {
    const other = { ...pair('b'), label: file((n) => n % 2, [4, 5, 7]) };
    await expect(inspectTraining([pair('a'), other])).rejects.toThrow(/'b'.*\[1,4,5,7\]/);
    const channels = { ...pair('c'), image: file((n) => n, SIZE, 2) };
    await expect(inspectTraining([pair('a'), channels])).rejects.toThrow(/'c' has 2, 'a' has 1/);
    const image = { ...pair('d'), label: file((n) => n / 3, SIZE) };
    await expect(inspectTraining([image])).rejects.toThrow(/label map of d: /);
    await expect(inspectTraining([{ ...pair('e'), image: new Blob(['']) }])).rejects.toThrow(
      FormatError,
    );
  });

  it('refuses label maps without labels, no cases, and two of one name', async () => {
    await expect(inspectTraining([pair('a', [0])])).rejects.toThrow(/empty/);
    await expect(inspectTraining([])).rejects.toThrow(ConfigError);
    await expect(inspectTraining([pair('a'), pair('a')])).rejects.toThrow(/'a' twice/);
  });
});

describe('readTrainingCase', () => {
  it('gives the image as it is and labels as classes', async () => {
    const classes = { binary: false, values: [0, 3, 7] };
    const { image, label } = await readTrainingCase(pair('a', [0, 3, 7]), classes);
    expect(image.data.length).toBe(120);
    expect([...label!.data.slice(0, 6)].sort()).toEqual(
      expect.arrayContaining([0, 1]) as unknown as number[],
    );
    expect(Math.max(...label!.data)).toBe(2);
  });

  it('names the case whose file has changed', async () => {
    const gone = { ...pair('a'), image: new Blob(['x']) };
    await expect(readTrainingCase(gone, { binary: true, values: [] })).rejects.toThrow(/^a: /);
  });
});
