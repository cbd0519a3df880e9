import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tensorBoard } from '../../../src/node/callbacks/tensor_board.ts';
import type { TrainingState } from '../../../src/train/training_state.ts';
import { inTemporaryFolder } from '../../helpers/cli.ts';
import { readEvents } from '../../helpers/read_events.ts';
import { toyFit } from '../../helpers/toy_fit.ts';

const inFolder = async (folder: string) =>
  Promise.all(
    (await readdir(folder))
      .sort()
      .map(async (name) => readEvents(await readFile(join(folder, name)))),
  );

it('has the losses and rates of all steps, and the metrics of all epochs', () =>
  inTemporaryFolder(async (logDir) => {
    const { history } = await toyFit(2, { callbacks: [tensorBoard({ logDir })] });
    expect((await readdir(logDir))[0]).toMatch(/^events\.out\.tfevents\.\d{10}\./);
    const [events] = await inFolder(logDir);
    expect(events![0]!.fileVersion).toBe('brain.Event:2');
    const series = (tag: string) =>
      events!.filter(({ values }) => tag in values).map(({ step, values }) => [step, values[tag]]);
    const { fround } = Math;
    expect(series('train_loss')).toEqual(
      history.steps.map(({ step, loss }) => [step, fround(loss)]),
    );
    expect(series('lr')).toEqual(history.steps.map(({ step, lr }) => [step, fround(lr)]));
    expect(series('valid_loss')).toEqual(
      history.epochs.map(({ steps, validLoss }) => [steps - 1, fround(validLoss)]),
    );
    expect(series('accumulated_dice').length).toBe(2);
  }));

it('goes on in another file, which replaces what came after the checkpoint', () =>
  inTemporaryFolder(async (logDir) => {
    let resume: TrainingState | undefined;
    const stop = new AbortController();
    const interrupted = toyFit(2, {
      callbacks: [tensorBoard({ logDir })],
      signal: stop.signal,
      checkpoint: {
        save: async (state) => {
          resume = state;
        },
      },
      onStep: ({ step }) => {
        if (step === 3) stop.abort(new Error('off'));
      },
    });
    await expect(interrupted).rejects.toThrow('off');
    await toyFit(2, { callbacks: [tensorBoard({ logDir })], resume: resume! });
    const [, second] = await inFolder(logDir);
    expect(second![1]).toMatchObject({ session: 1, step: 4 });
    expect(second!.filter(({ values }) => 'lr' in values).map(({ step }) => step)).toEqual([4, 5]);
  }));
