import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readNifti } from '../../src/io/nifti.ts';
import { buildModel, decodeModel } from '../../src/train/checkpoint.ts';
import { evaluateCase } from '../../src/train/metrics/evaluate_case.ts';
import { inferScan } from '../../src/train/patch_inference.ts';
import { madeUpScan } from '../../web/app/scans/made_up_scan.ts';
import { testGpu } from '../helpers/gpu.ts';

const DEMO = new URL('../../web/app/public/models/hippocampus.safetensors', import.meta.url);

const read = async (file: File) => readNifti(new Uint8Array(await file.arrayBuffer()));

describe('made-up scan', () => {
  it('is the same each time, on one grid with its label map', async () => {
    const [scan, again] = [await read(madeUpScan().scan), await read(madeUpScan().scan)];
    expect(again.data).toEqual(scan.data);
    const label = await read(madeUpScan().label);
    expect([label.shape, label.affine]).toEqual([scan.shape, scan.affine]);
    expect(new Set(label.data)).toEqual(new Set([0, 1, 2]));
  });

  it('is one in which the demo model finds what is drawn', async () => {
    const { scan, label } = madeUpScan();
    const [image, truth] = [await read(scan), await read(label)];
    const gpu = await testGpu();
    const decoded = decodeModel(readFileSync(DEMO));
    const model = buildModel(gpu, decoded);
    const result = await inferScan(gpu, model, image, { config: decoded.patchConfig });
    const found = result.labels();
    model.dispose();
    const [, ...shape] = truth.shape;
    for (const value of [1, 2]) {
      const options = { label: value };
      const { dsc } = evaluateCase('made up', found.data, truth.data, shape, options);
      expect(dsc, `class ${value}`).toBeGreaterThan(0.75);
    }
  });
});
