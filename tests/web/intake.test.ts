import { describe, expect, it } from 'vitest';
import { sortFiles } from '../../web/app/scans/intake.ts';
import { takeFiles } from '../../web/app/scans/scan_actions.ts';
import { createAppStore } from '../../web/app/state/app_state.ts';

const found = (path: string, content = path) => ({
  path,
  file: new File([content], path.split('/').at(-1)!, { lastModified: 0 }),
});
const pathsOf = (files: readonly { path: string }[]) => files.map(({ path }) => path);

describe('sorting of files', () => {
  it('knows scans, label maps, models and DICOM by name and folder', () => {
    const sorted = sortFiles(
      [
        'task/imagesTr/b.nii.gz',
        'task/imagesTr/a.nii',
        'task/labelsTr/a.nii.gz',
        'c_seg.nii.gz',
        'unet.safetensors',
        'series/IM0001',
        'series/1.2.840.113619.2',
        'series/x.dcm',
        'notes.txt',
      ].map((path) => found(path)),
    );
    expect(pathsOf(sorted.scans)).toEqual(['task/imagesTr/a.nii', 'task/imagesTr/b.nii.gz']);
    expect(pathsOf(sorted.labels)).toEqual(['c_seg.nii.gz', 'task/labelsTr/a.nii.gz']);
    expect(pathsOf(sorted.models)).toEqual(['unet.safetensors']);
    expect(pathsOf(sorted.dicom)).toEqual([
      'series/1.2.840.113619.2',
      'series/IM0001',
      'series/x.dcm',
    ]);
    expect(pathsOf(sorted.others)).toEqual(['notes.txt']);
  });

  it('leaves out what file managers and archives leave behind', () => {
    const sorted = sortFiles(
      ['a/._b.nii.gz', 'a/.DS_Store', '__MACOSX/a.nii.gz', 'a/DICOMDIR'].map((path) => found(path)),
    );
    expect(Object.values(sorted).flat()).toEqual([]);
  });

  it('orders numbers as people do', () => {
    const sorted = sortFiles(['s10.nii', 's9.nii'].map((path) => found(path)));
    expect(pathsOf(sorted.scans)).toEqual(['s9.nii', 's10.nii']);
  });
});

describe('taking files in', () => {
  const actions = {
    loadModel: () => Promise.resolve(),
    dicomToNifti: () => Promise.reject(new Error('dicomToNifti: these are no slices.')),
  };
  const take = async (
    paths: readonly ReturnType<typeof found>[],
    purpose: 'any' | 'labels' = 'any',
  ) => {
    const store = createAppStore();
    await takeFiles(store, paths, purpose, actions);
    return store.get();
  };

  it('selects the first scan', async () => {
    const { scans, selected, status } = await take([found('b.nii'), found('a.nii.gz')]);
    expect(scans.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(selected).toBe('a');
    expect(status.state).not.toBe('error');
  });

  it('refuses a second scan of one name, and takes the rest', async () => {
    const { scans, status } = await take([
      found('a.nii'),
      found('x/a.nii.gz', 'another'),
      found('b.nii'),
    ]);
    expect(scans.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(status).toMatchObject({ state: 'error', text: expect.stringContaining('name a') });
  });

  it('overlooks a file that is there already', async () => {
    const { scans, status } = await take([found('a.nii'), found('x/a.nii', 'a.nii')]);
    expect(scans.length).toBe(1);
    expect(status.state).not.toBe('error');
  });

  it('takes every image of the input for label maps as one', async () => {
    const { scans, labels } = await take([found('a.nii'), found('b_seg.nii')], 'labels');
    expect(scans).toEqual([]);
    expect(labels.map(({ name }) => name)).toEqual(['a', 'b_seg']);
  });

  it('names what it cannot use, but not the notes in a folder of scans', async () => {
    const { status } = await take([found('slides.pptx')]);
    expect(status).toMatchObject({ state: 'error', text: expect.stringContaining('slides.pptx') });
    const folder = await take([found('x/a.nii'), found('x/readme.txt')]);
    expect(folder.status.state).not.toBe('error');
  });

  it('tells in plain words why DICOM files cannot be used', async () => {
    const { status } = await take([found('IM1'), found('a.nii')]);
    expect(status).toEqual({ state: 'error', text: 'These are no slices.' });
  });
});
