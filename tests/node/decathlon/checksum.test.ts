import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { md5OfFile } from '../../../src/node/decathlon/checksum.ts';
import { inTemporaryFolder } from '../../helpers/cli.ts';

test('md5 of files of any size, with progress, until it is aborted', () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, 'file');
    await writeFile(path, '');
    expect(await md5OfFile(path)).toBe('d41d8cd98f00b204e9800998ecf8427e');
    await writeFile(path, 'abc');
    expect(await md5OfFile(path)).toBe('900150983cd24fb0d6963f7d28e17f72');
    await writeFile(path, Buffer.alloc(3 * 2 ** 20 + 1, 'a'));
    const seen: number[] = [];
    await md5OfFile(path, {
      onProgress: (done, total) => {
        expect(total).toBe(3 * 2 ** 20 + 1);
        seen.push(done);
      },
    });
    expect(seen.at(-1)).toBe(3 * 2 ** 20 + 1);
    await expect(md5OfFile(path, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  }));
