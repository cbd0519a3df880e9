import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/errors.ts';
import { parseDatasetJson } from '../../src/io/dataset_json.ts';

const heart = {
  name: 'LeftAtrium',
  relase: '1.0 04/05/2018',
  licence: 'CC-BY-SA 4.0',
  modality: { 1: 'T2', 0: 'MRI' },
  labels: { 10: 'vein', 0: 'background', 2: 'left atrium' },
  numTraining: 3,
  training: [
    { image: './imagesTr/la_003.nii.gz', label: './labelsTr/la_003.nii.gz' },
    { image: './imagesTr/._la_003.nii.gz', label: './labelsTr/._la_003.nii.gz' },
    { image: 'imagesTr//la_004.nii.gz', label: 'labelsTr/la_004.nii.gz' },
  ],
  test: ['./imagesTs/la_001.nii.gz', './imagesTs/._la_001.nii.gz', { image: './imagesTs/b.nii' }],
};

const parse = (changes: object) => parseDatasetJson(JSON.stringify({ ...heart, ...changes }));

describe('parseDatasetJson', () => {
  it('reads what the files have been through, where it says so', () => {
    const preprocessing = {
      applyReorder: true,
      targetSpacing: null,
      transforms: [{ name: 'ZNormalization', params: {} }],
      grids: { la_003: { size: [3, 4, 5], spacing: [1, 1, 2.5] } },
    };
    expect(parse({ preprocessing }).preprocessing).toEqual(preprocessing);
    expect('preprocessing' in parse({})).toBe(false);
    const wrong = { ...preprocessing, targetSpacing: [1, 1, 0] };
    expect(() => parse({ preprocessing: wrong })).toThrow(/preprocessing\.targetSpacing/);
  });

  it('reads cases as relative paths and leaves out resource forks', () => {
    const dataset = parse({});
    expect(dataset.training).toEqual([
      { image: 'imagesTr/la_003.nii.gz', label: 'labelsTr/la_003.nii.gz' },
      { image: 'imagesTr/la_004.nii.gz', label: 'labelsTr/la_004.nii.gz' },
    ]);
    expect(dataset.test).toEqual(['imagesTs/la_001.nii.gz', 'imagesTs/b.nii']);
  });

  it('accepts both spellings of release, and a byte order mark', () => {
    expect(parse({}).release).toBe('1.0 04/05/2018');
    expect(parse({ relase: undefined, release: '2.0' }).release).toBe('2.0');
    expect(parseDatasetJson(`\uFEFF${JSON.stringify(heart)}`).name).toBe('LeftAtrium');
  });

  it('orders labels and modalities by their number', () => {
    const { labels, modality } = parse({});
    expect([...labels]).toEqual([
      [0, 'background'],
      [2, 'left atrium'],
      [10, 'vein'],
    ]);
    expect(modality).toEqual(['MRI', 'T2']);
  });

  it.each([
    ['/etc/passwd'],
    ['../other/a.nii.gz'],
    ['imagesTr/../../a.nii.gz'],
    ['..\\a.nii.gz'],
    ['C:\\scans\\a.nii.gz'],
    ['file:///scans/a.nii.gz'],
    ['./'],
    [''],
  ])('refuses the path %j', (image) => {
    expect(() => parse({ training: [{ image, label: 'l.nii.gz' }] })).toThrow(FormatError);
    expect(() => parse({ test: [image] })).toThrow(/inside the dataset folder|test/);
  });

  it.each([
    ['no training', { training: undefined }],
    ['a case without label', { training: [{ image: 'a.nii.gz' }] }],
    ['labels that are not numbered', { labels: { background: '0' } }],
    ['the same image twice', { training: [heart.training[0], heart.training[0]] }],
  ])('refuses %s', (_, changes) => {
    expect(() => parse(changes)).toThrow(FormatError);
  });

  it('refuses text that is not JSON, and says so', () => {
    expect(() => parseDatasetJson('<html>')).toThrow(/not JSON/);
    expect(() => parseDatasetJson('[]')).toThrow(FormatError);
  });
});
