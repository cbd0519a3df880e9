import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { METRIC_NAMES } from '../../src/index.ts';
import {
  type LabelledEvaluationJson,
  labelledEvaluation,
  labelledEvaluationJson,
} from '../../src/train/evaluation.ts';
import type { Metrics } from '../../src/train/metrics/evaluate_case.ts';
import { mergeEvaluations } from '../../web/app/results/merge_evaluations.ts';
import { resultRows, resultsCsv } from '../../web/app/results/result_rows.ts';
import { zipFiles } from '../../web/app/results/zip_files.ts';

const metrics = (dsc: number, hd95: number): Metrics => ({
  dsc,
  hd95,
  sens: dsc / 2,
  ldr: 1,
  rve: -dsc,
  hd95_mm: 2 * hd95,
});
const names = new Map([
  [1, 'left'],
  [2, 'right'],
]);
const CASES = [
  {
    name: 'a',
    byLabel: new Map([
      [1, metrics(0.9, 1)],
      [2, metrics(0.5, Number.NaN)],
    ]),
  },
  {
    name: 'b',
    byLabel: new Map([
      [1, metrics(0.7, 2)],
      [2, metrics(0.1, 4)],
    ]),
  },
  {
    name: 'c',
    byLabel: new Map([
      [1, metrics(0.2, 3)],
      [2, metrics(0.6, 5)],
    ]),
  },
];
const single = (index: number): LabelledEvaluationJson =>
  labelledEvaluationJson(labelledEvaluation([CASES[index]!], [1, 2], names));
const volumes = (a: number, b: number) => [
  { value: 1, name: 'left', voxels: a, millilitres: a / 10 },
  { value: 2, name: 'right', voxels: b, millilitres: b / 10 },
];

describe('evaluations of single cases', () => {
  it('merge to what the evaluation of all of them is', () => {
    const merged = mergeEvaluations([single(0), single(1), single(2)]);
    const whole = labelledEvaluationJson(labelledEvaluation(CASES, [1, 2], names));
    expect(merged).toEqual(whole);
  });

  it('stay as they are alone, and are none for no case', () => {
    expect(mergeEvaluations([single(0)])).toEqual(single(0));
    expect(mergeEvaluations([])).toBeUndefined();
  });
});

describe('rows of results', () => {
  it('hold each class, and all of them: volumes together, metrics in the mean', () => {
    const rows = resultRows({ name: 'a', classes: volumes(10, 20), evaluation: single(0) });
    expect(rows.map(({ label, voxels, metrics: m }) => [label, voxels, m?.dsc])).toEqual([
      ['left', 10, 0.9],
      ['right', 20, 0.5],
      ['all', 30, 0.7],
    ]);
  });

  it('give the only class the only metrics, and several classes none of a comparison as one', () => {
    const binary = labelledEvaluationJson(
      labelledEvaluation([{ name: 'a', byLabel: new Map([[1, metrics(0.8, 1)]]) }], [1]),
    );
    const [only] = volumes(3, 0);
    const rows = resultRows({ name: 'a', classes: [only!], evaluation: binary });
    expect(rows.map((row) => row.metrics?.dsc)).toEqual([0.8]);
    const several = resultRows({ name: 'a', classes: volumes(1, 2), evaluation: binary });
    expect(several.map((row) => row.metrics?.dsc)).toEqual([undefined, undefined, 0.8]);
  });

  it('are volumes alone without a ground truth', () => {
    const rows = resultRows({ name: 'a', classes: volumes(1, 2), evaluation: undefined });
    expect(rows.map(({ label, metrics: m }) => [label, m])).toEqual([
      ['left', undefined],
      ['right', undefined],
    ]);
  });

  it('make a table in which a missing value is an empty field and a comma is quoted', () => {
    const csv = resultsCsv(
      [
        { name: 'a, first', classes: volumes(10, 20), evaluation: single(0) },
        { name: 'b', classes: volumes(1, 0), evaluation: undefined },
      ],
      METRIC_NAMES,
    );
    expect(csv.split('\n')).toEqual([
      'name,label,class,voxels,ml,dsc,hd95,sens,ldr,rve,hd95_mm',
      '"a, first",1,left,10,1,0.9,1,0.45,1,-0.9,2',
      '"a, first",2,right,20,2,0.5,,0.25,1,-0.5,',
      '"a, first",,all,30,3,0.7,1,0.35,1,-0.7,2',
      'b,1,left,1,0.1,,,,,,',
      'b,2,right,0,0,,,,,,',
      '',
    ]);
  });
});

describe('archive', () => {
  it('holds the files as they are, above one chunk and empty ones, and is the same each time', async () => {
    const large = Uint8Array.from({ length: 1_300_000 }, (_, n) => (n * 31) % 251);
    const files = [
      { name: 'a_pred.nii.gz', blob: new Blob([large]) },
      { name: 'empty.csv', blob: new Blob([]) },
    ];
    const bytes = new Uint8Array(await (await zipFiles(files)).arrayBuffer());
    const unzipped = unzipSync(bytes);
    expect(Object.keys(unzipped)).toEqual(['a_pred.nii.gz', 'empty.csv']);
    expect(Buffer.compare(unzipped['a_pred.nii.gz']!, large)).toBe(0);
    expect(unzipped['empty.csv']!.length).toBe(0);
    expect(new Uint8Array(await (await zipFiles(files)).arrayBuffer())).toEqual(bytes);
  });
});
