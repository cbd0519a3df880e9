import { join } from 'node:path';
import { expect, test } from 'vitest';
import { identityAffine } from '../../src/io/affine.ts';
import { volume } from '../../src/io/volume.ts';
import { evaluateFiles } from '../../src/node/evaluate_files.ts';
import { evaluationReport } from '../../src/node/evaluation_report.ts';
import { writeNiftiFile } from '../../src/node/nifti_file.ts';
import { inTemporaryFolder } from '../helpers/cli.ts';

const blob = (voxels: number, side = 4) =>
  volume(
    new Float32Array(side ** 3).map((_, n) => (n < voxels ? 1 : 0)),
    [1, side, side, side],
    identityAffine(),
  );

/** Label maps of 8 voxels, of which as many are predicted. */
async function inCases(
  predicted: Readonly<Record<string, number>>,
  use: (pairs: { name: string; prediction: string; label: string }[], folder: string) => unknown,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const pairs = Object.keys(predicted).map((name) => ({
      name,
      prediction: join(folder, `${name}_pred.nii`),
      label: join(folder, `${name}.nii`),
    }));
    for (const { name, prediction, label } of pairs) {
      await writeNiftiFile(prediction, blob(predicted[name]!));
      await writeNiftiFile(label, blob(8));
    }
    await use(pairs, folder);
  });
}

const facts = [['predictions', 'here']] as const;

test('shows the best and the worst case, says which they are, and twice the same', async () => {
  await inCases({ a: 4, b: 8, c: 2 }, async (pairs) => {
    const evaluation = await evaluateFiles({ pairs, binary: true });
    const options = { title: 'x', evaluation, pairs, binary: true, facts };
    const { html, best, worst } = await evaluationReport(options);
    expect(html).toContain('best b (1.000), worst c (0.400)');
    for (const png of [best, worst]) {
      expect(html).toContain(Buffer.from(png!).toString('base64'));
    }
    expect(html).toContain('<svg role="img"');
    expect((await evaluationReport(options)).html).toBe(html);
  });
});

test('a scan on another grid is warned of, and the labels are drawn alone', async () => {
  await inCases({ a: 4, b: 8 }, async (pairs, folder) => {
    const evaluation = await evaluateFiles({ pairs, binary: true });
    const other = join(folder, 'scan.nii');
    await writeNiftiFile(other, blob(3, 5));
    const warnings: string[] = [];
    const report = (images: Map<string, string>) =>
      evaluationReport({
        title: 'x',
        evaluation,
        pairs,
        binary: true,
        images,
        facts,
        onWarning: (message) => warnings.push(message),
      });
    const without = await report(new Map());
    expect(warnings).toEqual([]);
    const mismatched = await report(new Map([['a', other]]));
    expect(warnings.join()).toMatch(/^a is drawn without its image\. .*\[1,5,5,5\]/);
    expect(mismatched.html).toBe(without.html);
    const withScan = await report(new Map([['a', pairs[0]!.label]]));
    expect(withScan.worst!.length).toBeGreaterThan(without.worst!.length);
  });
});

test('a result without any Dice still has a page', async () => {
  await inCases({ a: 0 }, async (pairs) => {
    await writeNiftiFile(pairs[0]!.label, blob(0));
    const evaluation = await evaluateFiles({ pairs, binary: true });
    const { html, best } = await evaluationReport({
      title: 'x',
      evaluation,
      pairs,
      binary: true,
      facts,
    });
    expect(html).toContain('no Dice is defined');
    expect(best).toBe(undefined);
  });
});
