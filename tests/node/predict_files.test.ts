import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fromSpacing } from '../../src/io/affine.ts';
import { volume } from '../../src/io/volume.ts';
import type { Tuning } from '../../src/kernels/tuning/tune.ts';
import { kernelsInForce } from '../../src/kernels/variants/in_force.ts';
import { UNet } from '../../src/nn/unet.ts';
import { openGpu } from '../../src/node/dawn.ts';
import { writeNiftiFile } from '../../src/node/nifti_file.ts';
import { predictFiles } from '../../src/node/predict_files.ts';
import { patchConfig } from '../../src/patch/patch_config.ts';
import { preprocessingOf } from '../../src/patch/preprocessing.ts';
import { Rng } from '../../src/rng.ts';
import { decodeModel, encodeModel } from '../../src/train/checkpoint.ts';
import { inferenceProblems } from '../../src/train/kernel_choices.ts';
import { inTemporaryFolder } from '../helpers/cli.ts';
import { IDENTITY_CONFIG, identityWeights } from '../helpers/identity_network.ts';
import { MemoryStore, storeNaive } from '../helpers/stored_kernels.ts';

const PATCH = [8, 8, 8] as const;

test('segments with the kernels that are stored for the adapter, and measures none for one scan', async () => {
  await inTemporaryFolder(async (folder) => {
    // Choices stay with a device, so this one is not shared with other tests.
    const gpu = await openGpu();
    const config = patchConfig({ patchSize: PATCH });
    const model = decodeModel(
      encodeModel({
        architecture: { name: 'UNet', ...IDENTITY_CONFIG },
        patchConfig: config,
        preprocessing: preprocessingOf(config),
        classNames: ['background', 'object'],
        stateDict: identityWeights(0),
      }),
    );
    const image = join(folder, 'scan.nii.gz');
    const data = Float32Array.from({ length: 9 ** 3 }, (_, n) => Math.sin(n));
    await writeNiftiFile(image, volume(data, [1, 9, 9, 9], fromSpacing([1, 1, 1], [0, 0, 0])));

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
