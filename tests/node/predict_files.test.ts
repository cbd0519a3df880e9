import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fromSpacing } from '../../src/io/affine.ts';
import { volume } from '../../src/io/volume.ts';
import type { Tuning } from '../../src/kernels/tuning/tune.ts';
import { kernelsInForce } from '../../src/kernels/variants/in_force.ts';
import { UNet } from '../../src/nn/unet.ts';
import { openGpu } from '../../src/node/dawn.ts';
import { readNiftiFile, writeNiftiFile } from '../../src/node/nifti_file.ts';
import { predictFiles } from '../../src/node/predict_files.ts';
import { patchConfig } from '../../src/patch/patch_config.ts';
import { preprocessingOf } from '../../src/patch/preprocessing.ts';
import { Rng } from '../../src/rng.ts';
import { type DecodedModel, decodeModel, encodeModel } from '../../src/train/checkpoint.ts';
import { inferenceProblems } from '../../src/train/kernel_choices.ts';
import { inTemporaryFolder } from '../helpers/cli.ts';
import { IDENTITY_CONFIG, identityWeights } from '../helpers/identity_network.ts';
import { MemoryStore, storeNaive } from '../helpers/stored_kernels.ts';

const PATCH = [8, 8, 8] as const;

function identityModel(): DecodedModel {
  const config = patchConfig({ patchSize: PATCH });
  return decodeModel(
    encodeModel({
      architecture: { name: 'UNet', ...IDENTITY_CONFIG },
      patchConfig: config,
      preprocessing: preprocessingOf(config),
      classNames: ['background', 'object'],
      stateDict: identityWeights(0),
    }),
  );
}

async function writeScan(path: string, size: number): Promise<void> {
  const data = Float32Array.from({ length: size ** 3 }, (_, n) => Math.sin(n));
  await writeNiftiFile(path, volume(data, [1, size, size, size], fromSpacing([1, 1, 1])));
}

test('segments with the kernels that are stored for the adapter, and measures none for one scan', async () => {
  await inTemporaryFolder(async (folder) => {
    // Choices stay with a device, so this one is not shared with other tests.
    const gpu = await openGpu();
    const model = identityModel();
    const image = join(folder, 'scan.nii.gz');
    await writeScan(image, 9);

    const network = new UNet(gpu, Rng.seed(0), IDENTITY_CONFIG);
    const problems = inferenceProblems(gpu, network, [
      { batchSize: 1, inChannels: 1, patchSize: PATCH },
    ]);
    network.dispose();
    const store = new MemoryStore();
    await storeNaive(gpu, store, problems);
    const tunings: Tuning[] = [];
    const predict = (autotune: boolean) =>
      predictFiles({
        gpu,
        model,
        images: new Map([['scan', image]]),
        out: folder,
        ...(autotune
          ? { autotune: { store, open: () => Promise.reject(new Error('opened')) } }
          : {}),
        onTuned: (tuning) => tunings.push(tuning),
      });
    await predict(false);
    expect(Object.values(kernelsInForce(gpu))).not.toEqual(problems.map(() => 'naive'));
    await predict(true);
    expect(tunings).toMatchObject([{ measured: 0, stored: problems.length, left: 0 }]);
    expect(Object.values(kernelsInForce(gpu))).toEqual(problems.map(() => 'naive'));
    gpu.destroy();
  });
});

test('opens another device for what is left when its device is lost', async () => {
  await inTemporaryFolder(async (folder) => {
    const images = new Map(['a', 'b'].map((name) => [name, join(folder, `${name}.nii.gz`)]));
    await writeScan(images.get('a')!, 17);
    await writeScan(images.get('b')!, 11);
    const gpu = await openGpu();
    const run = async (out: string, onProgress: (done: number) => void, warnings: string[]) => {
      const predictions = await predictFiles({
        gpu,
        model: identityModel(),
        images,
        out: join(folder, out),
        onProgress,
        onWarning: (text) => warnings.push(text),
      });
      return Promise.all(predictions.map(({ prediction }) => readNiftiFile(prediction!)));
    };
    const expected = await run('whole', () => undefined, []);
    const warnings: string[] = [];
    const lose = (done: number): void => {
      if (done > 0.5) gpu.destroy();
    };
    const found = await run('interrupted', lose, warnings);
    expect(found.map(({ data }) => data)).toEqual(expected.map(({ data }) => data));
    expect(warnings).toEqual([expect.stringContaining('the GPU was lost')]);
  });
});
