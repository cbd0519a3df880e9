import { describe, expect, it } from 'vitest';
import { VoxgradError, WorkerError } from '../../src/errors.ts';
import { fromSpacing } from '../../src/io/affine.ts';
import { volume } from '../../src/io/volume.ts';
import { type PartialPatchConfig, patchConfig } from '../../src/patch/patch_config.ts';
import {
  preprocess,
  preprocessingOf,
  trainingPreprocessingOf,
} from '../../src/patch/preprocessing.ts';
import type { Subject } from '../../src/patch/subject.ts';
import { transformFromSpec } from '../../src/patch/transforms/from_spec.ts';
import { randomFlip } from '../../src/patch/transforms/random_flip.ts';
import { augmentOnCpu, type Batch, type BatchLoader } from '../../src/train/batch.ts';
import { type DataLoadersOptions, dataLoaders } from '../../src/train/data_loaders.ts';
import { randomArray } from '../helpers/random.ts';

interface Item {
  readonly name: string;
  readonly seed: number;
}

const items = (count: number, first = 0): Item[] =>
  Array.from({ length: count }, (_, n) => ({ name: `case${first + n}`, seed: first + n }));

/** A small image whose sign is its label map. */
async function readSubject({ name, seed }: Item): Promise<Subject> {
  const shape = [1, 10, 9, 8];
  const data = randomArray(shape, seed);
  const affine = fromSpacing([1, 1, 1]);
  const label = volume(
    data.map((value) => (value > 0 ? 1 : 0)),
    shape,
    affine,
  );
  return { name, image: volume(data, shape, affine), label };
}

const CONFIG: PartialPatchConfig = { patchSize: [4, 4, 4], samplesPerVolume: 3, queueLength: 6 };

function loaders(options: Partial<DataLoadersOptions<Item>> = {}, config: PartialPatchConfig = {}) {
  return dataLoaders<Item>({
    train: items(4),
    valid: items(2, 10),
    readSubject,
    config: patchConfig({ ...CONFIG, ...config }),
    batchSize: 5,
    seed: 2,
    ...options,
  });
}

async function batchesOf(loader: BatchLoader, epoch = 0): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of loader.epoch(epoch)) batches.push(batch);
  return batches;
}

describe('dataLoaders', () => {
  it('drops the last training batch that is not full and keeps that of validation', async () => {
    const { train, valid } = loaders();
    expect([train.batches, valid!.batches]).toEqual([2, 2]);
    const sizes = async (loader: BatchLoader) =>
      (await batchesOf(loader)).map(({ imageShape }) => imageShape[0]);
    expect(await sizes(train)).toEqual([5, 5]);
    expect(await sizes(valid!)).toEqual([5, 1]);
  });

  it('gives patches with class indices that fit the image', async () => {
    const [batch] = await batchesOf(loaders().train);
    expect(batch!.imageShape).toEqual([5, 1, 4, 4, 4]);
    expect(batch!.labelShape).toEqual([5, 1, 4, 4, 4]);
    expect(batch!.label).toBeInstanceOf(Uint32Array);
    batch!.image.forEach((value, n) => {
      expect(batch!.label[n]).toBe(value > 0 ? 1 : 0);
    });
  });

  it('gives the same batches for the same seed and epoch, others for another', async () => {
    const first = await batchesOf(loaders().train, 3);
    expect(await batchesOf(loaders().train, 3)).toEqual(first);
    expect(await batchesOf(loaders().train, 4)).not.toEqual(first);
    expect(await batchesOf(loaders({ seed: 3 }).train, 3)).not.toEqual(first);
  });

  it('augments training patches only', async () => {
    const augmentations = [randomFlip({ axes: [0], flipProbability: 1 })];
    const [plain, flipped] = [loaders(), loaders({ augmentations })];
    expect(await batchesOf(flipped.valid!)).toEqual(await batchesOf(plain.valid!));
    expect(await batchesOf(flipped.train)).not.toEqual(await batchesOf(plain.train));
  });

  it('augments by the transforms of a configuration: the same for the same seed, labels still classes', async () => {
    const augmentations = [
      { name: 'RandomAffine', params: { scales: [0.8, 1.3], degrees: 15, translation: 1, p: 1 } },
      { name: 'RandomBlur', params: { std: 0.8, p: 1 } },
      { name: 'RandomGamma', params: { p: 1 } },
      { name: 'RandomBiasField', params: { p: 1 } },
    ].map(transformFromSpec);
    const augmented = async () => batchesOf(loaders({ augmentations, augmentOn: 'cpu' }).train);
    const first = await augmented();
    expect(await augmented()).toEqual(first);
    expect(first).not.toEqual(await batchesOf(loaders().train));
    expect(new Set(first.flatMap(({ label }) => [...label]))).toEqual(new Set([0, 1]));
  });

  it('draws for the GPU what it would apply itself, and leaves patches as they are', async () => {
    const augmentations = [
      { name: 'RandomAffine', params: { degrees: 15, translation: 1 } },
      { name: 'RandomNoise', params: {} },
      { name: 'RandomFlip', params: { axes: [0, 1, 2] } },
    ].map(transformFromSpec);
    const deferred = await batchesOf(loaders({ augmentations }).train);
    const plain = await batchesOf(loaders().train);
    expect(deferred.map(({ image }) => image)).toEqual(plain.map(({ image }) => image));
    expect(deferred[0]!.augmentations!.map(({ name }) => name)).toEqual([
      'Affine',
      'Noise',
      'Flip',
    ]);
    const applied = await batchesOf(loaders({ augmentations, augmentOn: 'cpu' }).train);
    expect(deferred.map(augmentOnCpu)).toEqual(applied.map(augmentOnCpu));
    expect(applied[0]!.augmentations).toEqual([]);
  });

  it('preprocesses: volumes are normalised and padded to the patch', async () => {
    const { train } = loaders(
      { batchSize: 1 },
      {
        patchSize: [16, 4, 4],
        normalization: [{ name: 'ZNormalization', params: {} }],
      },
    );
    const [batch] = await batchesOf(train);
    expect(batch!.imageShape).toEqual([1, 1, 16, 4, 4]);
    expect(batch!.image.filter((value) => value === 0).length).toBeGreaterThanOrEqual(6 * 16);
  });

  it('has no validation loader without records', () => {
    expect(loaders({ valid: [] }).valid).toBeUndefined();
  });

  it('names the subject whose label map holds no class', async () => {
    const broken = async (item: Item): Promise<Subject> => {
      const subject = await readSubject(item);
      subject.label!.data.fill(0.5);
      return subject;
    };
    const { train } = loaders({ readSubject: broken, train: items(2) });
    await expect(batchesOf(train)).rejects.toThrow(VoxgradError);
    await expect(batchesOf(train)).rejects.toThrow(/Got 0\.5 in the label map of 'case[01]'/);
  });

  it('names the subject that cannot be read', async () => {
    const missing = async ({ name }: Item): Promise<Subject> => {
      throw new Error(`no file of ${name}`);
    };
    const { train } = loaders({ readSubject: missing });
    await expect(batchesOf(train)).rejects.toThrow(/case\d' could not be loaded.*no file/);
  });

  it('names the subject of each patch of a batch', async () => {
    const [batch] = await batchesOf(loaders().train);
    expect(batch!.names).toHaveLength(5);
    for (const name of batch!.names!) expect(items(4).map((item) => item.name)).toContain(name);
  });

  it('takes subjects as they are that were preprocessed elsewhere', async () => {
    const normalization = [{ name: 'ZNormalization', params: {} }];
    const config = patchConfig({ ...CONFIG, normalization });
    const elsewhere = async (item: Item): Promise<Subject> =>
      preprocess(await readSubject(item), trainingPreprocessingOf(config)).subject;
    const here = await batchesOf(loaders({}, { normalization }).train);
    const options = { readSubject: elsewhere, isPreprocessed: true, readers: 3 };
    expect(await batchesOf(loaders(options, { normalization }).train)).toEqual(here);
  });

  it('takes a preprocessed data set as it is but for padding; inference preprocesses it all the same', () => {
    const config = patchConfig({
      ...CONFIG,
      preprocessed: true,
      targetSpacing: [1, 1, 1],
      normalization: [{ name: 'ZNormalization', params: {} }],
    });
    const { minimumSize, paddingMode } = preprocessingOf(config);
    expect(trainingPreprocessingOf(config)).toEqual({
      applyReorder: false,
      targetSpacing: null,
      transforms: [],
      minimumSize,
      paddingMode,
    });
    expect(preprocessingOf(config)).toEqual(preprocessingOf({ ...config, preprocessed: false }));
    expect(preprocessingOf(config).transforms).toHaveLength(1);
  });

  it('cuts the very voxels of the file from a preprocessed data set', async () => {
    const settings = {
      preprocessed: true,
      targetSpacing: [3, 3, 3] as const,
      normalization: [{ name: 'ZNormalization', params: {} }],
    };
    const [batch] = await batchesOf(loaders({}, settings).train);
    const voxels = new Set<number>();
    for (const item of items(4))
      for (const v of (await readSubject(item)).image.data) voxels.add(v);
    expect(batch!.image.every((value) => voxels.has(value))).toBe(true);
  });

  it('reads the volumes of a small data set once, those of a large one in every epoch', async () => {
    for (const [count, maxBytes, reads] of [
      [2, undefined, 2],
      [8, undefined, 16],
      [8, 2 ** 30, 8],
    ] as const) {
      let loads = 0;
      const counting = (item: Item): Promise<Subject> => {
        loads++;
        return readSubject(item);
      };
      const options = { readSubject: counting, train: items(count), batchSize: 3 };
      const { train } = loaders({ ...options, ...(maxBytes ? { maxBytes } : {}) });
      await batchesOf(train, 0);
      await batchesOf(train, 1);
      expect(loads).toBe(reads);
    }
  });

  it('skips what cannot be read and keeps the number of batches', async () => {
    const warnings: string[] = [];
    const { train } = loaders({
      readSubject: (item) =>
        item.seed === 1 ? Promise.reject(new Error('damaged')) : readSubject(item),
      onUnreadable: 'skip',
      onWarning: (message) => warnings.push(message),
      readers: 2,
    });
    const batches = [...(await batchesOf(train, 0)), ...(await batchesOf(train, 1))];
    expect(batches).toHaveLength(2 * train.batches);
    expect(batches.flatMap(({ names }) => names)).not.toContain('case1');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/'case1' could not be loaded\. damaged/);
  });

  it('never skips because of threads that do not start', async () => {
    const readSubjectInVain = () => Promise.reject(new WorkerError('startWorker: does not start.'));
    const warnings: string[] = [];
    const { train } = loaders({
      readSubject: readSubjectInVain,
      onUnreadable: 'skip',
      onWarning: (message) => warnings.push(message),
    });
    await expect(batchesOf(train)).rejects.toThrow(/does not start/);
    expect(warnings).toEqual([]);
  });
});
