import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { checkRoom, fileError } from '../../../src/node/decathlon/disk_room.ts';

test('what does not fit is refused before it is begun', async () => {
  await expect(checkRoom('/data', 1000, 'the download', async () => 999)).rejects.toThrow(
    /no room for the download\. \/data has 999 bytes free, 1000 are needed/,
  );
  await checkRoom('/data', 1000, 'the download', async () => 1000);
  await checkRoom(tmpdir(), 1, 'a byte');
  await expect(checkRoom(tmpdir(), 2 ** 60, 'too much')).rejects.toThrow(/no room/);
});

test('a full disk is told from a folder that cannot be written', () => {
  const error = (code: string) => Object.assign(new Error(`${code}: no`), { code });
  expect(fileError('f', '/x', error('ENOSPC')).message).toMatch(/^f: the disk is full\. \/x/);
  expect(fileError('f', '/x', error('EDQUOT')).message).toMatch(/disk is full/);
  expect(fileError('f', '/x', error('EACCES')).message).toMatch(/cannot be written\. EACCES/);
});
