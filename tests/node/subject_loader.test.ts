import { rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ConfigError, FormatError, WorkerError } from '../../src/errors.ts';
import type { SubjectFiles } from '../../src/node/dataset_folder.ts';
import { loadSubject, subjectBytes } from '../../src/node/load_subject.ts';
import { SubjectLoader, type SubjectLoaderOptions } from '../../src/node/subject_loader.ts';
import { patchConfig } from '../../src/patch/patch_config.ts';
import { trainingPreprocessingOf } from '../../src/patch/preprocessing.ts';
import { bytesOf } from '../../src/patch/subject_cache.ts';
import { dataLoaders } from '../../src/train/data_loaders.ts';
import { inTemporaryFolder } from '../helpers/cli.ts';
import { writeTinyDataset } from '../helpers/tiny_dataset.ts';

const preprocessing = trainingPreprocessingOf(
  patchConfig({
    patchSize: [8, 16, 64],
    targetSpacing: [1, 1, 1],
    normalization: [{ name: 'ZNormalization', params: {} }],
  }),
);

/** Calls `use` with a loader and the files of some subjects. */
async function withLoader(
  options: Partial<SubjectLoaderOptions>,
  use: (loader: SubjectLoader, files: SubjectFiles[], folder: string) => Promise<void>,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const names = await writeTinyDataset(folder, { subjects: 3 });
    const files = names.map((name) => ({
      name,
      image: join(folder, 'imagesTr', `${name}.nii.gz`),
      label: join(folder, 'labelsTr', `${name}.nii.gz`),
    }));
    const loader = new SubjectLoader({ preprocessing, ...options });
    try {
      await use(loader, files, folder);
    } finally {
      await loader.close();
    }
  });
}

/** A thread that does something to every task. */
async function moduleOf(folder: string, code: string): Promise<URL> {
  const path = join(folder, 'worker.mjs');
  await writeFile(
    path,
    `import { parentPort } from 'node:worker_threads';
    parentPort.on('message', async (task) => { ${code} });
    parentPort.postMessage('ready');`,
  );
  return pathToFileURL(path);
}

describe('SubjectLoader', () => {
  test('gives the same subject with and without threads', async () => {
    for (const numWorkers of [0, 1, 2]) {
      await withLoader({ numWorkers }, async (loader, files) => {
        const subjects = await Promise.all(files.map((file) => loader.load(file)));
        for (const [n, subject] of subjects.entries()) {
          const task = { files: files[n]!, preprocessing, ensureAffineConsistency: true };
          expect(subject).toEqual(await loadSubject(task));
          expect(subject.name).toBe(files[n]!.name);
        }
      });
    }
  });

  test('knows the bytes of a subject from its headers', async () => {
    await withLoader({ numWorkers: 0 }, async (loader, files) => {
      for (const file of files) {
        const { loaded, loading } = await loader.bytes(file);
        expect(loaded).toBe(bytesOf(await loader.load(file)));
        expect(loading).toBeGreaterThan(loaded);
        const plain = { ...preprocessing, targetSpacing: null, minimumSize: null };
        const task = { files: file, preprocessing: plain, ensureAffineConsistency: true };
        expect((await subjectBytes(task)).loaded).toBe(2 * 4 * 16 ** 3);
      }
    });
  });

  test('names a damaged and a missing file, with and without threads', async () => {
    for (const numWorkers of [0, 1]) {
      await withLoader({ numWorkers }, async (loader, files) => {
        await truncate(files[0]!.image, 3000);
        await rm(files[1]!.label);
        for (const path of [files[0]!.image, files[1]!.label]) {
          const failure = loader.load(
            files.find(({ image, label }) => [image, label].includes(path))!,
          );
          await expect(failure).rejects.toThrow(FormatError);
          await expect(failure).rejects.toThrow(path);
        }
        expect((await loader.load(files[2]!)).name).toBe(files[2]!.name);
      });
    }
  });

  test('refuses label maps at another place if it is told to', async () => {
    await withLoader({ numWorkers: 0 }, async (loader, files) => {
      const mixed = { ...files[0]!, label: files[1]!.label };
      await expect(loader.load(mixed)).resolves.toMatchObject({ name: mixed.name });
      const strict = new SubjectLoader({
        preprocessing,
        numWorkers: 0,
        ensureAffineConsistency: false,
      });
      await expect(strict.load(mixed)).rejects.toThrow(/lie at different places/);
      await expect(strict.load(files[0]!)).resolves.toMatchObject({ name: files[0]!.name });
    });
  });

  test.each([
    ['exits', 'process.exit(9);', /died, twice\. the worker thread ended with code 9/],
    ['throws', `setTimeout(() => { throw new Error('boom'); });`, /died, twice\. boom/],
    [
      'runs out of memory',
      'const list = []; for (;;) list.push(new Array(1e5).fill(0.5));',
      /died, twice\. .*memory/,
    ],
  ])('names the subject over which a thread %s, twice', async (_, code, message) => {
    await inTemporaryFolder(async (folder) => {
      const workerModule = await moduleOf(folder, code);
      await withLoader({ numWorkers: 1, workerModule }, async (loader, files) => {
        await expect(loader.load(files[0]!)).rejects.toThrow(message);
        await expect(loader.load(files[1]!)).rejects.toThrow(files[1]!.image);
      });
    });
  });

  test('warns of a slow disk and gives up in the end, naming the file', async () => {
    await inTemporaryFolder(async (folder) => {
      const workerModule = await moduleOf(folder, '');
      const warnings: string[] = [];
      const options = {
        numWorkers: 1,
        workerModule,
        slowSeconds: 0.1,
        timeoutSeconds: 0.6,
        onWarning: (message: string) => warnings.push(message),
      };
      await withLoader(options, async (loader, files) => {
        await expect(loader.load(files[0]!)).rejects.toThrow('no answer after 0.6 seconds');
        expect(warnings).toEqual([
          `'${files[0]!.name}' is being read for 0.1 seconds: ${files[0]!.image}`,
        ]);
      });
    });
  });

  test('says that a thread does not start rather than that a file is broken', async () => {
    const workerModule = new URL('file:///nowhere/worker.js');
    await withLoader({ numWorkers: 2, workerModule }, async (loader, files) => {
      await expect(loader.load(files[0]!)).rejects.toThrow(WorkerError);
      await expect(loader.load(files[1]!)).rejects.toThrow(/does not start.*nowhere/);
    });
  });

  test('refuses numbers of threads that are none', () => {
    for (const numWorkers of [-1, 1.5, Number.NaN, 1000]) {
      expect(() => new SubjectLoader({ preprocessing, numWorkers })).toThrow(ConfigError);
    }
  });
});

/** Makes up a subject from its name, and has trouble with one of them. */
const MAKER = (trouble: string) => `
if (task.files.name === 'case5') { ${trouble} }
const voxels = new Float32Array(512).fill(Number(task.files.name.slice(4)));
voxels[100] = 3;
const grid = { shape: [1, 8, 8, 8], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] };
const image = { data: voxels, ...grid };
const label = { data: new Float32Array(512), ...grid };
parentPort.postMessage({ result: { name: task.files.name, image, label } });
`;

describe('threads in the middle of an epoch', () => {
  const files = Array.from({ length: 8 }, (_, n) => ({
    name: `case${n}`,
    image: `${n}`,
    label: '',
  }));

  /** One epoch of all files, in batches of 2. */
  async function epoch(
    folder: string,
    trouble: string,
    numWorkers: number,
    onUnreadable: 'fatal' | 'skip',
  ) {
    const warnings: string[] = [];
    const onWarning = (message: string) => warnings.push(message);
    const workerModule = await moduleOf(folder, MAKER(trouble));
    const loader = new SubjectLoader({
      preprocessing,
      workerModule,
      numWorkers,
      onWarning,
      slowSeconds: 0.3,
      timeoutSeconds: 1,
    });
    const { train } = dataLoaders({
      train: files,
      valid: [],
      readSubject: (record, signal) => loader.load(record, signal),
      isPreprocessed: true,
      readers: numWorkers,
      config: patchConfig({ patchSize: [4, 4, 4], samplesPerVolume: 2, queueLength: 6 }),
      batchSize: 2,
      onUnreadable,
      onWarning,
    });
    const seen: { names: readonly string[]; first: number }[] = [];
    try {
      for await (const { names, image } of train.epoch(0)) {
        seen.push({ names: names!, first: image[0]! });
      }
      return { seen, warnings, batches: train.batches, error: undefined };
    } catch (error) {
      return { seen, warnings, batches: train.batches, error: error as Error };
    } finally {
      await loader.close();
    }
  }

  test.each([
    ['ends', 'process.exit(4);', 'ended with code 4'],
    ['throws', `setTimeout(() => { throw new Error('boom'); }); return;`, 'boom'],
    ['never answers', 'return;', 'no answer after 1 seconds'],
  ])(
    'one that %s over a subject: skipped or fatal as told, named, the rest as it was',
    async (_, trouble, why) => {
      await inTemporaryFolder(async (folder) => {
        const plain = await epoch(folder, '', 1, 'fatal');
        expect(plain.seen).toHaveLength(plain.batches);
        const runs = [];
        for (const workers of [1, 2, 4]) {
          const run = await epoch(folder, trouble, workers, 'skip');
          expect(run.error).toBeUndefined();
          expect(run.seen).toHaveLength(plain.batches);
          const skipped = run.warnings.filter((line) => line.includes('skipped'));
          expect(skipped).toHaveLength(1);
          expect(skipped[0]).toContain("'case5'");
          expect(skipped[0]).toContain(why);
          runs.push(run.seen);
        }
        expect(runs[1]).toEqual(runs[0]);
        expect(runs[2]).toEqual(runs[0]);
        for (const [n, { names }] of plain.seen.entries()) {
          expect(runs[0]![n]!.names).toEqual(
            names.map((name) => (name === 'case5' ? 'case6' : name)),
          );
        }
        const fatal = await epoch(folder, trouble, 2, 'fatal');
        expect(fatal.error?.message).toContain("'case5' could not be loaded");
        expect(fatal.error?.message).toContain(why);
        expect(fatal.seen).toEqual(plain.seen.slice(0, fatal.seen.length));
      });
    },
  );
});
