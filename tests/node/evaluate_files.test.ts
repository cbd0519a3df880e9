import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ConfigError, FormatError, ShapeError } from '../../src/errors.ts';
import { fromSpacing } from '../../src/io/affine.ts';
import { volume } from '../../src/io/volume.ts';
import { evaluateFiles } from '../../src/node/evaluate_files.ts';
import { writeNiftiFile } from '../../src/node/nifti_file.ts';
import type { LabelPair } from '../../src/node/prediction_pairs.ts';
import { Rng } from '../../src/rng.ts';
import { inTemporaryFolder } from '../helpers/cli.ts';

const SIDE = 6;

/** Random labels 0, 1 and 2. */
function labels(seed: number, side = SIDE) {
  const rng = Rng.seed(seed);
  const data = new Float32Array(side ** 3).map(() => rng.integer(3));
  return volume(data, [1, side, side, side], fromSpacing([1, 1.5, 2]));
}

async function inPairs(use: (pairs: LabelPair[], folder: string) => Promise<void>): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const pairs = ['a', 'b', 'c', 'd', 'e'].map((name) => ({
      name,
      prediction: join(folder, `${name}_pred.nii`),
      label: join(folder, `${name}.nii`),
    }));
    for (const [n, { prediction, label }] of pairs.entries()) {
      await writeNiftiFile(prediction, labels(2 * n));
      await writeNiftiFile(label, labels(2 * n + 1));
    }
    await use(pairs, folder);
  });
}

test('threads give what one gives, in the order of the pairs, and report progress', async () => {
  await inPairs(async (pairs) => {
    const classNames = new Map([[1, 'one']]);
    const here = await evaluateFiles({ pairs, binary: false, classNames, maxWorkers: 1 });
    const seen: string[] = [];
    const inThreads = await evaluateFiles({
      pairs,
      binary: false,
      classNames,
      maxWorkers: 2,
      onProgress: (done, name) => seen.push(`${done} ${name.length}`),
    });
    expect(inThreads).toEqual(here);
    expect(inThreads.cases.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(seen).toEqual(['1 1', '2 1', '3 1', '4 1', '5 1']);
    await expect(evaluateFiles({ pairs, binary: false, maxWorkers: 0 })).rejects.toThrow(
      ConfigError,
    );
  });
});

test.each([1, 2])(
  'a damaged file is named with its class of error, %d threads',
  async (maxWorkers) => {
    await inPairs(async (pairs) => {
      const fractions = { ...labels(1), data: new Float32Array(SIDE ** 3).fill(0.5) };
      await writeNiftiFile(pairs[3]!.prediction, fractions);
      const run = evaluateFiles({ pairs, binary: false, maxWorkers });
      await expect(run).rejects.toThrow(FormatError);
      await expect(run).rejects.toThrow(/d_pred\.nii: .*Got 0\.5/);
    });
  },
);

test('shapes are checked before anything is measured', async () => {
  await inPairs(async (pairs) => {
    await writeNiftiFile(pairs[4]!.prediction, labels(1, 5));
    await writeFile(pairs[0]!.label, 'no NIfTI');
    const seen: number[] = [];
    const run = (some: LabelPair[]) =>
      evaluateFiles({ pairs: some, binary: true, onProgress: (done) => seen.push(done) });
    await expect(run(pairs.slice(1))).rejects.toThrow(ShapeError);
    await expect(run(pairs)).rejects.toThrow(FormatError);
    expect(seen).toEqual([]);
  });
});

test('stops when it is told to', async () => {
  await inPairs(async (pairs) => {
    const controller = new AbortController();
    const run = evaluateFiles({
      pairs,
      binary: true,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    });
    await expect(run).rejects.toThrow('enough');
  });
});
