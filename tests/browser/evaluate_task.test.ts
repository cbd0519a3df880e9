import { join } from 'node:path';
import { expect, test } from 'vitest';
import { VoxgradWorker } from '../../src/browser/worker_client.ts';
import { FormatError, ShapeError } from '../../src/errors.ts';
import { fromSpacing } from '../../src/io/affine.ts';
import { writeNifti } from '../../src/io/nifti.ts';
import { volume } from '../../src/io/volume.ts';
import { evaluateFiles } from '../../src/node/evaluate_files.ts';
import { writeWholeFile } from '../../src/node/whole_file.ts';
import { labelledEvaluationJson } from '../../src/train/evaluation.ts';
import { inTemporaryFolder } from '../helpers/cli.ts';
import { voxgradWorker } from '../helpers/fake_worker.ts';
import { identityModelFile } from '../helpers/identity_model.ts';

const SHAPE = [1, 12, 10, 8] as const;

/** Balls of labels around the middle, moved by `shift` along the first axis. */
function labels(radii: readonly number[], shift = 0, origin = 0): Uint8Array<ArrayBuffer> {
  const [, I, J, K] = SHAPE;
  const data = Float32Array.from({ length: I * J * K }, (_, n) => {
    const [i, j, k] = [Math.floor(n / (J * K)), Math.floor(n / K) % J, n % K];
    const distance = Math.hypot(i - 6 - shift, j - 5, k - 4);
    return radii.filter((radius) => distance < radius).length;
  });
  const map = volume(data, SHAPE, fromSpacing([1, 1.5, 2], [origin, 0, 0]));
  return writeNifti(map, { datatype: 'uint8' }) as Uint8Array<ArrayBuffer>;
}

interface Case {
  readonly prediction: Uint8Array<ArrayBuffer>;
  readonly label: Uint8Array<ArrayBuffer>;
  readonly binary?: boolean;
}

async function inPage({ prediction, label, binary }: Case, model?: Uint8Array) {
  using engine = await VoxgradWorker.open(voxgradWorker());
  if (model) await engine.loadModel(model);
  const warnings: string[] = [];
  const job = engine.evaluate({
    name: 'case_1.nii.gz',
    prediction: new Blob([prediction]),
    label: new Blob([label]),
    ...(binary === undefined ? {} : { binary }),
    onWarning: (message) => warnings.push(message),
  });
  const stages = new Set<string>();
  for await (const { stage } of job) stages.add(stage);
  return { json: await job.result, warnings, stages: [...stages] };
}

/** As the command does it. */
async function onNode({ prediction, label, binary = false }: Case) {
  return await inTemporaryFolder(async (folder) => {
    const pair = {
      name: 'case_1',
      prediction: join(folder, 'case_1_pred.nii.gz'),
      label: join(folder, 'case_1.nii.gz'),
    };
    await writeWholeFile(pair.prediction, prediction);
    await writeWholeFile(pair.label, label);
    const warnings: string[] = [];
    const onWarning = (message: string) => void warnings.push(message);
    const result = await evaluateFiles({ pairs: [pair], binary, onWarning });
    return { json: labelledEvaluationJson(result), warnings };
  });
}

const cases: [string, Case][] = [
  ['one label', { prediction: labels([4]), label: labels([4], 1) }],
  ['two labels', { prediction: labels([4, 2]), label: labels([4, 3], 1) }],
  ['two labels as one', { prediction: labels([4, 2]), label: labels([4, 3], 1), binary: true }],
  ['an empty prediction', { prediction: labels([]), label: labels([4, 2]) }],
  ['a displaced prediction', { prediction: labels([4], 0, 7), label: labels([4]) }],
];
test.each(cases)('gives the JSON and the warnings of the command: %s', async (_, given) => {
  const page = await inPage(given);
  const node = await onNode(given);
  expect(JSON.stringify(page.json)).toBe(JSON.stringify(node.json));
  expect(page.json.cases[0]!.name).toBe('case_1');
  expect(page.warnings).toEqual(node.warnings);
  expect(page.stages).toEqual(['reading', 'measuring']);
});

test('a model of one class against a label map of several is judged as with --binary, and that is said', async () => {
  const given = { prediction: labels([4]), label: labels([4, 3], 1) };
  const page = await inPage(given, identityModelFile());
  const node = await onNode({ ...given, binary: true });
  expect(page.json).toEqual(node.json);
  expect(page.warnings).toHaveLength(1);
  expect(page.warnings[0]).toContain("the model knows one class, 'object'");
  const asked = await inPage({ ...given, binary: false }, identityModelFile());
  expect(asked.json).not.toEqual(node.json);
});

test('tells each label that is measured, and stops between two', async () => {
  using engine = await VoxgradWorker.open(voxgradWorker());
  const [prediction, label] = [new Blob([labels([4, 2])]), new Blob([labels([4, 3, 2], 1)])];
  const measured: [number, number][] = [];
  const job = engine.evaluate({ name: 'case', prediction, label });
  for await (const { stage, done, total } of job) {
    if (stage === 'measuring') measured.push([done, total]);
  }
  expect(measured).toEqual([0, 1, 2, 3].map((done) => [done, 3]));

  const controller = new AbortController();
  const { signal } = controller;
  const cancelled = engine.evaluate({ name: 'case', prediction, label, signal });
  for await (const { stage } of cancelled) if (stage === 'measuring') controller.abort();
  await expect(cancelled.result).rejects.toThrow(/abort/);
});

test('files of different sizes, and files that are no label maps, are refused', async () => {
  const label = labels([4]);
  const other = volume(new Float32Array(8), [1, 2, 2, 2], fromSpacing([1, 1, 1], [0, 0, 0]));
  const small = writeNifti(other) as Uint8Array<ArrayBuffer>;
  await expect(inPage({ prediction: small, label })).rejects.toThrow(ShapeError);
  const grey = writeNifti({ ...other, data: new Float32Array(8).fill(0.5) });
  const image = grey as Uint8Array<ArrayBuffer>;
  const refused = inPage({ prediction: small, label: image });
  await expect(refused).rejects.toThrow(FormatError);
  await expect(refused).rejects.toThrow(/^label map of case_1: /);
  const unreadable = inPage({ prediction: new Uint8Array(9), label });
  await expect(unreadable).rejects.toThrow(/^prediction of case_1: /);
});
