import { describe, expect, it } from 'vitest';
import { readNifti } from '../../src/io/nifti.ts';
import { niftiBytes } from '../helpers/nifti_bytes.ts';
import { factsOf } from './facts.ts';
import { judge, type Outcome } from './judge.ts';
import type { CorpusEntry, Reference } from './manifest.ts';

const reference: Reference = {
  shape: [2, 3, 4],
  affine: [
    [1, 0, 0, 10],
    [0, 2, 0, 20],
    [0, 0, 3, 30],
    [0, 0, 0, 1],
  ],
  dtype: 'int16',
  endian: 'little',
  qform_code: 0,
  sform_code: 1,
  axcodes: 'RAS',
  det_sign: 1,
  scale_applied: [1, 0],
  extensions: [],
  min: 0,
  max: 23,
  mean: 11.5,
  finite: 24,
  size: 24,
  voxels: [{ index: [1, 2, 3], value: '23' }],
};

const cost = { milliseconds: 5, peakBytes: 1e8 };
const read: Outcome = { ...cost, facts: factsOf(readNifti(niftiBytes()), [[1, 2, 3]]) };
const refused: Outcome = { ...cost, error: { message: 'FormatError: x', clear: true } };

const entry = (expected: CorpusEntry['expect'], changes: Partial<Reference> = {}): CorpusEntry => ({
  file: 'a.nii',
  expect: expected,
  nibabel: { ...reference, ...changes },
});

describe('judge', () => {
  it('passes a file that agrees in everything', () => {
    expect(judge(entry('ok'), read)).toEqual([]);
    expect(judge(entry('either'), read)).toEqual([]);
  });

  it('holds refusals to what the manifest expects, and to being clear', () => {
    expect(judge(entry('ok'), refused)).toHaveLength(1);
    expect(judge(entry('either'), refused)).toEqual([]);
    expect(judge(entry('error'), refused)).toEqual([]);
    expect(judge(entry('error'), read)).toHaveLength(1);
    const crash = { ...cost, error: { message: 'TypeError: y', clear: false } };
    expect(judge(entry('error'), crash)).toHaveLength(1);
    expect(judge(entry('either'), crash)).toHaveLength(1);
  });

  it.each<[string, Partial<Reference>]>([
    ['shape', { shape: [2, 3, 4, 1] }],
    ['affine', { affine: [[1, 0, 0, 10.001], ...reference.affine.slice(1)] }],
    ['datatype', { dtype: '>f4' }],
    ['byte order', { endian: 'big' }],
    ['codes', { sform_code: 2 }],
    ['orientation', { axcodes: 'LAS' }],
    ['scaling', { scale_applied: [2, 0] }],
    ['extensions', { extensions: [{ code: 6, size: 32 }] }],
    ['mean', { mean: 11.6 }],
    ['voxels', { voxels: [{ index: [1, 2, 3], value: 'NaN' }] }],
    ['finite voxels', { finite: 23 }],
  ])('fails a file that disagrees about %s', (_, changes) => {
    expect(judge(entry('ok', changes), read).length).toBeGreaterThan(0);
    expect(judge(entry('either', changes), read).length).toBeGreaterThan(0);
  });

  it('fails what takes too long or too much', () => {
    expect(judge(entry('ok'), { ...read, milliseconds: 2001 })).toHaveLength(1);
    expect(judge(entry('error'), { ...refused, peakBytes: 501e6 })).toHaveLength(1);
  });
});
