import { describe, expect, it } from 'vitest';
import { fromSpacing } from '../../src/io/affine.ts';
import { readNiftiHeader, writeNifti } from '../../src/io/nifti.ts';
import { volume } from '../../src/io/volume.ts';
import { datasetGrids } from '../../src/train/dataset_grids.ts';

function header(shape: readonly number[], x = 0) {
  const size = shape.reduce((a, b) => a * b, 1);
  const affine = fromSpacing([1, 2, 3], [x, 0, 0]);
  return readNiftiHeader(writeNifti(volume(new Float32Array(size), shape, affine)));
}

const subject = (name: string, image = header([1, 2, 3, 4]), label = header([1, 2, 3, 4])) => ({
  name,
  image,
  label,
});

describe('datasetGrids', () => {
  it('gives the grids in order, and the displaced pairs', async () => {
    const all = [subject('a'), subject('b', header([1, 2, 3, 4], 5))];
    expect(await datasetGrids(all, true)).toEqual({
      grids: ['a', 'b'].map((name) => ({ name, size: [2, 3, 4], spacing: [1, 2, 3] })),
      displaced: ['b'],
      channels: 1,
    });
  });

  it('refuses pairs of different size and images of different channels', async () => {
    await expect(datasetGrids([subject('a', header([1, 2, 3, 5]))], true)).rejects.toThrow(
      /'a'.*\[1,2,3,5\] and \[1,2,3,4\]/,
    );
    const two = subject('b', header([2, 2, 3, 4]));
    await expect(datasetGrids([subject('a'), two], true)).rejects.toThrow(/'b' has 2, 'a' has 1/);
  });
});
