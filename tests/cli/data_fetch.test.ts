import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inTemporaryFolder, runCli } from '../helpers/cli.ts';
import { withServer } from '../helpers/file_server.ts';

const direct = { NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1' };

describe('data fetch', () => {
  test('a task that is there is told, with its licence, in words and as JSON', () =>
    inTemporaryFolder(async (root) => {
      const folder = join(root, 'Task02_Heart');
      await mkdir(folder);
      const json = {
        labels: { 0: 'background', 1: 'left atrium' },
        training: [{ image: 'imagesTr/a.nii.gz', label: 'labelsTr/a.nii.gz' }],
      };
      await writeFile(join(folder, 'dataset.json'), JSON.stringify(json));
      const words = await runCli(['data', 'fetch', 'heart', '--root', root]);
      expect(words.code).toBe(0);
      expect(words.stdout).toBe(`${folder} (was there already): 1 scans with labels, 0 without\n`);
      expect(words.stderr).toContain('Task02_Heart: about 0.4 GB, licence CC-BY-SA 4.0');
      const { code, stdout } = await runCli(['data', '--json', 'fetch', '2', '--root', root]);
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toEqual({
        task: 'Task02_Heart',
        folder,
        archive: null,
        licence: 'CC-BY-SA 4.0',
        training: 1,
        test: 0,
      });
    }));

  test('what a mirror sends is verified: a wrong file is an error that says where it is', () =>
    inTemporaryFolder((root) =>
      withServer(
        (_, response) => response.end('not the hippocampi'),
        async ({ url, requests }) => {
          const args = ['data', 'fetch', 'Task04', '--root', root, '--url', url];
          const { code, stdout, stderr } = await runCli(args, direct);
          expect(code).toBe(1);
          expect(stdout).toBe('');
          expect(stderr).toContain('downloading 0 KiB/0 KiB');
          expect(stderr).toContain('expected 9d24dba78a72977dbd1d2e110310f31b');
          expect(requests[0]?.url).toBe('/Task04_Hippocampus.tar');
          expect(await readdir(root)).toEqual(['Task04_Hippocampus.tar.wrong']);
        },
      ),
    ));

  test('a server without the file, and a task that does not exist', () =>
    inTemporaryFolder((root) =>
      withServer(
        (_, response) => response.writeHead(404).end(),
        async ({ url }) => {
          const args = ['--root', root, '--url', url];
          const missing = await runCli(['data', 'fetch', 'heart', ...args], direct);
          expect(missing.code).toBe(1);
          expect(missing.stderr).toMatch(/answers 404/);
          const unknown = await runCli(['data', 'fetch', 'brain', ...args], direct);
          expect(unknown.code).toBe(1);
          expect(unknown.stderr).toMatch(/no such task.*Task01_BrainTumour/);
          expect(await readdir(root)).toEqual([]);
        },
      ),
    ));
});
