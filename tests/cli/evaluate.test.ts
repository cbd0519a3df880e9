import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromSpacing } from '../../src/io/affine.ts';
import { toOrientation } from '../../src/io/orientation.ts';
import { volume } from '../../src/io/volume.ts';
import { writeNiftiFile } from '../../src/node/nifti_file.ts';
import { writeJsonFile } from '../../src/node/whole_file.ts';
import type { Triple } from '../../src/shape.ts';
import { inTemporaryFolder, runCli } from '../helpers/cli.ts';
import { writeTinyDataset } from '../helpers/tiny_dataset.ts';

/** A cube of `value` from voxel (1,1,1) of edge `edge` in a grid of 8 voxels a side. */
function cube(edge: number, value = 1, side = 8, spacing: Triple = [1, 1, 1]) {
  const data = new Float32Array(side ** 3);
  for (let i = 1; i <= edge; i++) {
    for (let j = 1; j <= edge; j++)
      data.fill(value, (i * side + j) * side + 1, (i * side + j) * side + 1 + edge);
  }
  return volume(data, [1, side, side, side], fromSpacing(spacing));
}

type Files = Record<string, ReturnType<typeof cube>>;

/** Runs evaluate on folders with these files. */
async function evaluate(
  predictions: Files,
  labels: Files,
  args: readonly string[],
  check: (result: Awaited<ReturnType<typeof runCli>>, folder: string) => Promise<void> | void,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    for (const [name, files] of Object.entries({ predictions, labels })) {
      await mkdir(join(folder, name));
      for (const [file, content] of Object.entries(files)) {
        await writeNiftiFile(join(folder, name, file), content, { datatype: 'uint8' });
      }
    }
    await writeJsonFile(join(folder, 'split.json'), { train: ['b'], validation: [], test: ['a'] });
    const given = args.map((arg) => arg.replace('SPLIT', join(folder, 'split.json')));
    const dirs = ['--predictions', join(folder, 'predictions'), '--labels', join(folder, 'labels')];
    await check(await runCli(['evaluate', ...dirs, ...given]), folder);
  });
}

describe('evaluate', () => {
  test('prints the contract as JSON on stdout alone, and writes the same as files', async () => {
    await evaluate(
      { 'a_pred.nii.gz': cube(2), 'b_pred.nii.gz': cube(3) },
      { 'a.nii.gz': cube(2), 'b.nii.gz': cube(2) },
      ['--json'],
      async ({ code, stdout }, folder) => {
        expect(code).toBe(0);
        const result = JSON.parse(stdout);
        expect(Object.keys(result)).toEqual(['cases', 'mean', 'std']);
        expect(result.cases).toEqual([
          { name: 'a', dsc: 1, hd95: 0, sens: 1, ldr: 1, rve: 0, hd95_mm: 0 },
          {
            name: 'b',
            dsc: 16 / 35,
            hd95: expect.closeTo(Math.sqrt(2), 1),
            sens: 1,
            ldr: 1,
            rve: 19 / 8,
            hd95_mm: expect.closeTo(Math.sqrt(2), 1),
          },
        ]);
        expect(result.mean.dsc).toBeCloseTo((1 + 16 / 35) / 2, 12);
        expect(result.std.dsc).toBeCloseTo((1 - 16 / 35) / Math.SQRT2, 12);
        const files = await readdir(join(folder, 'predictions'));
        expect(files.sort()).toEqual([
          'a_pred.nii.gz',
          'b_pred.nii.gz',
          'metrics.csv',
          'metrics.json',
          'report.html',
        ]);
        expect(
          JSON.parse(await readFile(join(folder, 'predictions/metrics.json'), 'utf8')),
        ).toEqual(result);
        const csv = await readFile(join(folder, 'predictions/metrics.csv'), 'utf8');
        expect(csv.split('\n')[1]).toBe('a,1,0,1,1,0,0');
      },
    );
  });

  test('distances are in voxels and in millimetres, whatever the orientation of the files', async () => {
    const of = (edge: number, code: string) => toOrientation(cube(edge, 1, 8, [1, 2, 3]), code);
    // From the 8 voxels of the cube to its first one; the percentile lies between the last two.
    const percentile = (distances: number[]) => {
      const [below, above] = distances.sort((a, b) => a - b).slice(-2) as [number, number];
      return below + 0.65 * (above - below);
    };
    const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => [n & 1, (n >> 1) & 1, n >> 2] as const);
    const voxels = percentile(corners.map(([i, j, k]) => Math.hypot(i, j, k)));
    const millimetres = percentile(corners.map(([i, j, k]) => Math.hypot(i, 2 * j, 3 * k)));
    await evaluate(
      { 'a_pred.nii.gz': of(1, 'RAS'), 'b_pred.nii.gz': of(1, 'SLA') },
      { 'a.nii.gz': of(2, 'RAS'), 'b.nii.gz': of(2, 'SLA') },
      ['--json'],
      async ({ stdout }, folder) => {
        const { cases, mean } = JSON.parse(stdout);
        for (const row of [...cases, mean]) {
          expect(row.hd95).toBeCloseTo(voxels, 5);
          expect(row.hd95_mm).toBeCloseTo(millimetres, 5);
        }
        const csv = await readFile(join(folder, 'predictions/metrics.csv'), 'utf8');
        expect(csv.split('\n')[0]).toBe('name,dsc,hd95,sens,ldr,rve,hd95_mm');
      },
    );
  });

  test('leaves a report that loads nothing, unless told not to', async () => {
    const predictions = { 'a_pred.nii.gz': cube(2), 'b_pred.nii.gz': cube(3) };
    const labels = { 'a.nii.gz': cube(2), 'b.nii.gz': cube(2) };
    await evaluate(predictions, labels, ['--plane', 'coronal'], async ({ stderr }, folder) => {
      const html = await readFile(join(folder, 'predictions/report.html'), 'utf8');
      expect(stderr).toContain('report.html');
      expect(html.match(/<img src="data:image\/png;base64,/g)).toHaveLength(2);
      expect(html).not.toMatch(/https?:\/\//);
      expect(html).toContain('best a (1.000), worst b (0.457)');
    });
    await evaluate(predictions, labels, ['--no-report'], async ({ code }, folder) => {
      expect(code).toBe(0);
      expect(await readdir(join(folder, 'predictions'))).not.toContain('report.html');
    });
    await evaluate(predictions, labels, ['--plane', 'oblique'], ({ code, stderr }) => {
      expect(code).toBe(1);
      expect(stderr).toContain('sagittal, coronal, axial');
    });
  });

  test('a run of three classes has metrics, tables and pictures of each by name', async () => {
    await inTemporaryFolder(async (folder) => {
      const [data, run, out] = ['data', 'run', 'out'].map((name) => join(folder, name));
      const named = { 0: 'background', 1: 'core', 2: 'shell' };
      await writeTinyDataset(data!, { subjects: 4, shell: 2, labels: named });
      const trained = await runCli(
        `train --data ${data} --out ${run} --patch-size 16 --channels 4,8 --strides 2 --steps 4 --test-pct 0.25 --valid-pct 0.25 --no-autotune`.split(
          ' ',
        ),
      );
      expect(trained.stderr).toMatch(/Dice [\d.]+( \(best\))? \| core [\d.]+ \| shell [\d.]+/);
      const split = `--split ${run}/split.json`;
      const predicted = await runCli(
        `predict --model ${run}/model.safetensors --out ${out} ${split} ${data}/imagesTr`.split(
          ' ',
        ),
      );
      expect(predicted.code).toBe(0);
      const { code, stdout } = await runCli(
        `evaluate --predictions ${out} --labels ${data}/labelsTr ${split} --json`.split(' '),
      );
      expect(code).toBe(0);
      const { classes, mean } = JSON.parse(stdout);
      expect(Object.keys(classes)).toEqual(['1', '2']);
      expect([classes[1].name, classes[2].name]).toEqual(['core', 'shell']);
      expect(mean.dsc).toBeCloseTo((classes[1].mean.dsc + classes[2].mean.dsc) / 2, 12);
      const html = await readFile(join(out!, 'report.html'), 'utf8');
      expect(html).toContain('<h3>shell</h3>');
      const history = JSON.parse(await readFile(join(run!, 'history.json'), 'utf8'));
      expect(history.epochs[0].accumulatedDicePerClass).toHaveLength(2);
    });
  });

  test('a value that does not exist is null', async () => {
    await evaluate(
      { 'a_pred.nii.gz': cube(2) },
      { 'a.nii.gz': cube(0) },
      ['--json', '--binary'],
      ({ stdout }) => {
        const { cases, std } = JSON.parse(stdout);
        expect(cases[0]).toEqual({
          name: 'a',
          dsc: null,
          hd95: null,
          sens: null,
          ldr: null,
          rve: null,
          hd95_mm: null,
        });
        expect(std.dsc).toBe(null);
      },
    );
  });

  test('without --binary each label has its table, with it all are one', async () => {
    const predictions = { 'a_pred.nii.gz': cube(2, 1) };
    const labels = { 'a.nii.gz': cube(2, 2) };
    await evaluate(predictions, labels, ['--json'], ({ stdout, stderr }) => {
      expect(JSON.parse(stdout).mean.dsc).toBe(0);
      expect(stderr).toContain('--binary');
    });
    await evaluate(predictions, labels, ['--json', '--binary'], ({ stdout }) => {
      expect(JSON.parse(stdout).mean.dsc).toBe(1);
    });
  });

  test('a prediction without a label map is an error that names it', async () => {
    await evaluate(
      { 'a_pred.nii.gz': cube(2), 'c_pred.nii.gz': cube(2) },
      { 'a.nii.gz': cube(2) },
      ['--json'],
      ({ code, stdout, stderr }) => {
        expect(code).toBe(1);
        expect(stdout).toBe('');
        expect(stderr).toMatch(/error: .*lacks c /);
        expect(stderr).not.toContain(' at ');
      },
    );
  });

  test('a label map without a prediction is an error unless --subset or --split says otherwise', async () => {
    const predictions = { 'a_pred.nii.gz': cube(2) };
    const labels = { 'a.nii.gz': cube(2), 'b.nii.gz': cube(2) };
    await evaluate(predictions, labels, [], async ({ code, stderr }, folder) => {
      expect(code).toBe(1);
      expect(stderr).toContain('b_pred');
      expect(await readdir(join(folder, 'predictions'))).toEqual(['a_pred.nii.gz']);
    });
    for (const args of [['--subset'], ['--split', 'SPLIT']]) {
      await evaluate(predictions, labels, args, ({ code, stdout }) => {
        expect(code).toBe(0);
        expect(stdout).toMatch(/a +1\.0000/);
      });
    }
    await evaluate(
      predictions,
      labels,
      ['--split', 'SPLIT', '--section', 'train'],
      ({ code, stderr }) => {
        expect(code).toBe(1);
        expect(stderr).toContain('b_pred');
      },
    );
    await evaluate(
      predictions,
      labels,
      ['--split', 'SPLIT', '--section', 'validation'],
      ({ code, stderr }) => {
        expect(code).toBe(1);
        expect(stderr).toContain('validation');
      },
    );
  });

  test('different shapes are an error', async () => {
    await evaluate(
      { 'a_pred.nii.gz': cube(2, 1, 9) },
      { 'a.nii.gz': cube(2) },
      [],
      ({ code, stderr }) => {
        expect(code).toBe(1);
        expect(stderr).toContain('[1,9,9,9]');
      },
    );
  });
});
