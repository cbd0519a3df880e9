import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { csvLogger } from '../../../src/node/callbacks/csv_logger.ts';
import { inTemporaryFolder } from '../../helpers/cli.ts';
import { epochRecords, fakeFit, historyOf } from '../../helpers/epoch_records.ts';

it('writes the epochs so far, those before a resume included', () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, 'run', 'history.csv');
    const epochs = epochRecords([{ trainLoss: 1 }, { trainLoss: 0.5 }]);
    const history = historyOf(epochs.slice(0, 1));
    const { fit } = fakeFit(history);
    const callback = csvLogger({ path });
    const lines = async () => (await readFile(path, 'utf8')).trim().split('\n');
    await callback.beforeFit!(fit);
    expect(await lines()).toHaveLength(2);
    history.epochs.push(epochs[1]!);
    await callback.afterEpoch!(epochs[1]!, fit);
    expect((await lines())[2]).toBe('1,0.5,,,00:01');
  }));
