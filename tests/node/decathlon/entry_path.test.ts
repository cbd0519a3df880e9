import { expect, test } from 'vitest';
import { entryPath } from '../../../src/node/decathlon/entry_path.ts';

const TOP = 'Task02_Heart';

test('folders and file of ordinary names', () => {
  expect(entryPath('Task02_Heart/imagesTr/la_003.nii.gz', TOP)).toEqual([
    TOP,
    'imagesTr',
    'la_003.nii.gz',
  ]);
  expect(entryPath('./Task02_Heart/imagesTr/', TOP)).toEqual([TOP, 'imagesTr']);
  expect(entryPath('./', TOP)).toEqual([]);
  expect(entryPath('Task02_Heart/Größe..nii', TOP)).toEqual([TOP, 'Größe..nii']);
});

test.each([
  ['/etc/passwd', 'not a relative path'],
  ['//Task02_Heart/x', 'not a relative path'],
  ['Task02_Heart//x', 'not a relative path'],
  ['', 'not a relative path'],
  ['Task02_Heart/../x', 'leaves its folder'],
  ['../Task02_Heart/x', 'leaves its folder'],
  ['Task02_Heart/..', 'leaves its folder'],
  ['Task02_Heart/./x', 'leaves its folder'],
  ['Task02_Heart\\..\\x', 'no file should have'],
  ['C:/Task02_Heart/x', 'no file should have'],
  ['Task02_Heart/x\0.nii', 'no file should have'],
  ['Task02_Heart/x\n', 'no file should have'],
  ['Task02_Heart/x:stream', 'no file should have'],
  ['Task01_BrainTumour/x', 'not under Task02_Heart/'],
  ['task02_heart/x', 'not under Task02_Heart/'],
  ['dataset.json', 'not under Task02_Heart/'],
  [`Task02_Heart/${'x'.repeat(256)}`, 'too long'],
  [`Task02_Heart/${'ä'.repeat(128)}`, 'too long'],
  [`Task02_Heart/${'x/'.repeat(600)}x`, 'too long'],
])('%j is refused: %s', (name, why) => {
  expect(() => entryPath(name, TOP)).toThrow(why);
});
