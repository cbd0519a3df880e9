/** A bright voxel's millimetres through the whole of predict: file, model file, file. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { applyAffine, invertAffine } from '../src/io/affine.ts';
import { readNifti, writeNifti } from '../src/io/nifti.ts';
import { axisCodes } from '../src/io/orientation.ts';
import { type Affine, volume } from '../src/io/volume.ts';
import { readNiftiFile } from '../src/node/nifti_file.ts';
import { patchConfig } from '../src/patch/patch_config.ts';
import { preprocessingOf } from '../src/patch/preprocessing.ts';
import type { Triple } from '../src/shape.ts';
import { encodeModel } from '../src/train/checkpoint.ts';
import { inTemporaryFolder, runCli } from './helpers/cli.ts';
import { IDENTITY_CONFIG, identityWeights } from './helpers/identity_network.ts';

const SIZE: Triple = [14, 11, 9];

/** Turned about all three axes, voxels of 0.8 x 1.1 x 2.5 mm, first axis mirrored. */
const OBLIQUE: Affine = (() => {
  const [a, b, c] = [0.3, -0.2, 0.4];
  const [ca, sa, cb, sb, cc, sc] = [
    Math.cos(a),
    Math.sin(a),
    Math.cos(b),
    Math.sin(b),
    Math.cos(c),
    Math.sin(c),
  ];
  const rotation = [
    [cb * cc, sa * sb * cc - ca * sc, ca * sb * cc + sa * sc],
    [cb * sc, sa * sb * sc + ca * cc, ca * sb * sc - sa * cc],
    [-sb, sa * cb, ca * cb],
  ];
  const spacing = [-0.8, 1.1, 2.5];
  const rows = rotation.map((row, n) => [
    ...row.map((value, axis) => value * spacing[axis]!),
    [12.5, -40, 7][n]!,
  ]);
  return [...rows.flat(), 0, 0, 0, 1];
})();

const GRIDS: Record<string, Affine> = {
  RAS: [1.5, 0, 0, -20, 0, 1.5, 0, 30, 0, 0, 1.5, 10, 0, 0, 0, 1],
  LPS: [-1.2, 0, 0, 15, 0, -1.2, 0, 44, 0, 0, 2, -8, 0, 0, 0, 1],
  oblique: OBLIQUE,
};

/** Voxels whose centres lie within `radius` mm of `point` are 1. */
function ball(affine: Affine, point: Triple, radius: number): Float32Array {
  const [I, J, K] = SIZE;
  return Float32Array.from({ length: I * J * K }, (_, n) => {
    const index: Triple = [Math.floor(n / (J * K)), Math.floor(n / K) % J, n % K];
    const [x, y, z] = applyAffine(affine, index);
    return Math.hypot(x - point[0], y - point[1], z - point[2]) <= radius ? 1 : 0;
  });
}

/** Mean position in mm of the voxels above 0. */
function centreOf(data: ArrayLike<number>, affine: Affine): Triple {
  const [, J, K] = SIZE;
  const sum = [0, 0, 0];
  let count = 0;
  for (let n = 0; n < data.length; n++) {
    if (!(data[n]! > 0)) continue;
    count++;
    const position = applyAffine(affine, [Math.floor(n / (J * K)), Math.floor(n / K) % J, n % K]);
    for (const axis of [0, 1, 2]) sum[axis]! += position[axis]!;
  }
  expect(count).toBeGreaterThan(0);
  return [sum[0]! / count, sum[1]! / count, sum[2]! / count];
}

async function writeModel(path: string, targetSpacing: Triple | null): Promise<void> {
  const config = patchConfig({ patchSize: [8, 8, 16], patchOverlap: 0.5, targetSpacing });
  const bytes = encodeModel({
    architecture: { name: 'UNet', ...IDENTITY_CONFIG },
    patchConfig: config,
    preprocessing: preprocessingOf(config),
    classNames: ['background', 'bright'],
    stateDict: identityWeights(0.5),
  });
  await writeFile(path, bytes);
}

/** One `predict` over scans of all grids; for each, what it reads and what comes out. */
async function walk(targetSpacing: Triple | null, data: (affine: Affine) => Float32Array) {
  return inTemporaryFolder(async (folder) => {
    const model = join(folder, 'model.safetensors');
    const [scans, out] = [join(folder, 'scans'), join(folder, 'out')];
    await mkdir(scans);
    await writeModel(model, targetSpacing);
    for (const [name, affine] of Object.entries(GRIDS)) {
      const scan = volume(data(affine), [1, ...SIZE], affine);
      await writeFile(join(scans, `${name}.nii.gz`), writeNifti(scan));
    }
    const { code, stderr } = await runCli(['predict', '--model', model, '--out', out, scans]);
    expect(code, stderr).toBe(0);
    expect((await readdir(out)).sort()).toEqual(
      Object.keys(GRIDS)
        .map((name) => `${name}_pred.nii.gz`)
        .sort(),
    );
    const walked = [];
    for (const name of Object.keys(GRIDS)) {
      const scan = await readNiftiFile(join(scans, `${name}.nii.gz`));
      const prediction = await readNiftiFile(join(out, `${name}_pred.nii.gz`));
      walked.push({ name, scan, prediction });
    }
    return walked;
  });
}

it('a bright voxel comes out of predict at its own millimetres', async () => {
  const at: Triple = [3, 7, 2];
  const voxel = (at[0] * SIZE[1] + at[1]) * SIZE[2] + at[2];
  const walked = await walk(null, () => {
    const data = new Float32Array(SIZE[0] * SIZE[1] * SIZE[2]);
    data[voxel] = 1;
    return data;
  });
  for (const { name, scan, prediction } of walked) {
    expect(prediction.shape, name).toEqual([1, ...SIZE]);
    expect(prediction.affine, name).toEqual(scan.affine);
    const bright = applyAffine(scan.affine, at);
    const found = centreOf(prediction.data, prediction.affine);
    for (const axis of [0, 1, 2]) expect(found[axis], name).toBeCloseTo(bright[axis]!, 4);
    expect(Array.from(prediction.data).filter((value) => value !== 0)).toEqual([1]);
  }
});

it('a bright ball keeps its centre when the model works at another spacing', async () => {
  const middle = (affine: Affine): Triple => applyAffine(affine, [7, 5, 4]);
  const walked = await walk([1, 1, 1], (affine) => ball(affine, middle(affine), 5));
  for (const { name, scan, prediction } of walked) {
    const wanted = centreOf(scan.data, scan.affine);
    const found = centreOf(prediction.data, prediction.affine);
    const off = Math.hypot(...wanted.map((mm, axis) => mm - found[axis]!));
    expect(off, name).toBeLessThan(0.5);
    const [i, j, k] = applyAffine(invertAffine(prediction.affine), wanted).map(Math.round);
    expect(prediction.data[(i! * SIZE[1] + j!) * SIZE[2] + k!], name).toBe(1);
  }
});

it('the grids of the walk are what their names say', () => {
  expect(axisCodes(GRIDS.RAS!)).toBe('RAS');
  expect(axisCodes(GRIDS.LPS!)).toBe('LPS');
  const read = readNifti(writeNifti(volume(new Float32Array(1386), [1, ...SIZE], OBLIQUE)));
  read.affine.forEach((value, n) => {
    expect(value).toBeCloseTo(OBLIQUE[n]!, 5);
  });
});
