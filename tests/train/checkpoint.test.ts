import { describe, expect, it } from 'vitest';
import { ConfigError, FormatError } from '../../src/errors.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/io/safetensors.ts';
import { patchConfig } from '../../src/patch/patch_config.ts';
import { preprocessingOf } from '../../src/patch/preprocessing.ts';
import {
  buildModel,
  type DecodedModel,
  decodeModel,
  encodeModel,
} from '../../src/train/checkpoint.ts';
import { testGpu } from '../helpers/gpu.ts';
import { toyNetwork } from '../helpers/toy_training.ts';

const CONFIG = patchConfig({
  patchSize: [16, 16, 16],
  patchOverlap: 0.5,
  targetSpacing: [1, 1.5, 2],
  labelProbabilities: { 0: 0.2, 1: 0.8 },
  normalization: [{ name: 'ZNormalization', params: { channelWise: true } }],
});

async function toyModel(): Promise<DecodedModel> {
  const gpu = await testGpu();
  const network = toyNetwork(gpu, { strides: [[2, 2, 1]] });
  const model: DecodedModel = {
    architecture: { name: 'UNet', ...network.config },
    patchConfig: CONFIG,
    preprocessing: preprocessingOf(CONFIG),
    classNames: ['background', 'atrium'],
    stateDict: await network.stateDict(),
  };
  network.dispose();
  return model;
}

/** The file with another `voxgrad` entry. */
function withEntry(bytes: Uint8Array, entry: string | undefined): Uint8Array {
  const { tensors } = decodeSafetensors(bytes);
  return encodeSafetensors(tensors, entry === undefined ? {} : { voxgrad: entry });
}

const entryOf = (bytes: Uint8Array) => JSON.parse(decodeSafetensors(bytes).metadata.voxgrad!);

describe('model file', () => {
  it('comes back as it was written', async () => {
    const model = await toyModel();
    expect(decodeModel(encodeModel(model))).toEqual(model);
  });

  it('has tensors under MONAI names and a JSON entry that says how to use them', async () => {
    const bytes = encodeModel(await toyModel());
    const { tensors } = decodeSafetensors(bytes);
    expect([...tensors.keys()][0]).toBe('model.0.conv.unit0.conv.weight');
    const entry = entryOf(bytes);
    expect(entry).toMatchObject({
      version: 1,
      architecture: { name: 'UNet', channels: [4, 8], strides: [[2, 2, 1]] },
      patchConfig: { patchSize: [16, 16, 16] },
      preprocessing: { applyReorder: true, targetSpacing: [1, 1.5, 2] },
      classNames: ['background', 'atrium'],
    });
  });

  it('is the same bytes for the same model, whatever the order of its keys', async () => {
    const model = await toyModel();
    const { name, ...rest } = model.architecture;
    const reordered = { ...model, architecture: { ...rest, name } };
    expect(encodeModel(reordered)).toEqual(encodeModel(model));
  });

  it('builds the network with these weights', async () => {
    const gpu = await testGpu();
    const model = await toyModel();
    const network = buildModel(gpu, decodeModel(encodeModel(model)));
    expect(await network.stateDict()).toEqual(model.stateDict);
    network.dispose();
  });

  it('refuses a safetensors file without the entry', async () => {
    const bytes = encodeModel(await toyModel());
    expect(() => decodeModel(withEntry(bytes, undefined))).toThrow(FormatError);
    expect(() => decodeModel(withEntry(bytes, undefined))).toThrow('does not say what network');
  });

  it('refuses entries of another version, with unknown keys, or that are not JSON', async () => {
    const bytes = encodeModel(await toyModel());
    const entry = entryOf(bytes);
    const other = (change: object) => withEntry(bytes, JSON.stringify({ ...entry, ...change }));
    expect(() => decodeModel(other({ version: 2 }))).toThrow(FormatError);
    expect(() => decodeModel(other({ surprise: 1 }))).toThrow(FormatError);
    expect(() => decodeModel(withEntry(bytes, '{'))).toThrow('not JSON');
    expect(() => decodeModel(other({ patchConfig: { patchSiz: [1, 1, 1] } }))).toThrow(ConfigError);
    const architecture = { ...entry.architecture, channels: [4] };
    expect(() => decodeModel(other({ architecture }))).toThrow('two levels');
  });

  it('refuses class names and preprocessing that contradict the rest', async () => {
    const model = await toyModel();
    const threeNames = { ...model, classNames: ['a', 'b', 'c'] };
    expect(() => encodeModel(threeNames)).toThrow('2 output channels need 2 class names');
    const preprocessing = { ...model.preprocessing, applyReorder: false };
    expect(() => encodeModel({ ...model, preprocessing })).toThrow('contradict each other');
  });

  it('refuses what could not predict: a patch that the strides do not divide, unknown transforms', async () => {
    const model = await toyModel();
    const encodeWith = (change: object) => {
      const config = patchConfig({ ...CONFIG, ...change });
      return () =>
        encodeModel({ ...model, patchConfig: config, preprocessing: preprocessingOf(config) });
    };
    expect(encodeWith({ patchSize: [16, 15, 16] })).toThrow('does not fit the strides');
    expect(encodeWith({ patchSize: [16, 16, 15] })).not.toThrow();
    const normalization = [{ name: 'Sharpen', params: {} }];
    expect(encodeWith({ normalization })).toThrow("unknown transform. Got 'Sharpen'");
  });

  it('refuses widths that the weights do not have before it allocates them', async () => {
    const gpu = await testGpu();
    const model = await toyModel();
    const architecture = { ...model.architecture, channels: [100_000, 100_000] };
    expect(() => buildModel(gpu, { ...model, architecture })).toThrow('contradict each other');
    const deep = { ...model.architecture, numResUnits: 1e9 };
    expect(() => buildModel(gpu, { ...model, architecture: deep })).toThrow(FormatError);
  });

  it('refuses weights that are not finite or do not fit', async () => {
    const gpu = await testGpu();
    const model = await toyModel();
    const before = gpu.pool.bytesInUse;
    const fewer = new Map(model.stateDict);
    fewer.delete('model.0.residual.bias');
    const bytes = encodeModel({ ...model, stateDict: fewer });
    expect(() => buildModel(gpu, decodeModel(bytes))).toThrow('model.0.residual.bias');
    expect(gpu.pool.bytesInUse).toBe(before);
    model.stateDict.get('model.0.residual.bias')!.data[0] = Number.NaN;
    expect(() => decodeModel(encodeModel(model))).toThrow('not finite');
  });
});
