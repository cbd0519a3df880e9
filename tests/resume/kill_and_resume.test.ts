import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeDemoDataset } from '../../src/node/demo/demo_dataset.ts';
import { inTemporaryFolder } from '../helpers/cli.ts';
import { killAndResume } from './kill_and_resume.ts';

test('a training killed at random moments and resumed ends with the bytes of one left alone', async () => {
  await inTemporaryFolder(async (folder) => {
    const data = join(folder, 'data');
    await writeDemoDataset(data, { training: 5, unseen: 1, seed: 1 });
    const size = ['--channels', '4,8', '--patch-size', '16', '--samples-per-volume', '4'];
    const results = await killAndResume({
      data,
      folder,
      kills: 2,
      chained: 2,
      seed: 4,
      flags: [...size, '--epochs', '8', '--batch-size', '2', '--checkpoint-seconds', '0.1'],
    });
    expect(results.map(({ passed, story }) => (passed ? 'passed' : story))).toEqual([
      'passed',
      'passed',
      'passed',
    ]);
  });
}, 300_000);
