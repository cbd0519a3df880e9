/** Curves for TensorBoard. */
import { appendFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Callback } from '../../train/callbacks/callback.ts';
import { makeFolder } from '../whole_file.ts';
import { fileHeader, scalars, sessionStart } from './event_file.ts';

/** Events of this long go to the file together. */
const FLUSH_MS = 2000;

/** Files of one process differ in their number. */
let files = 0;

/**
 * Writes an event file into a folder: train_loss, lr and momentum of each step; valid_loss and
 * accumulated_dice of each epoch, at its last step. A resumed fit writes another file, which replaces
 * what came after the checkpoint. `tensorboard --logdir` of the folder, or of one above it, shows them.
 *
 * @throws ConfigError from the fit where the folder cannot be made
 * @see fastai TensorBoardCallback
 */
export function tensorBoard({ logDir }: { readonly logDir: string }): Callback {
  let path = '';
  let waiting: Uint8Array[] = [];
  let flushedAt = 0;
  const now = (): number => Date.now() / 1000;
  const flush = async (): Promise<void> => {
    const bytes = Buffer.concat(waiting);
    waiting = [];
    flushedAt = performance.now();
    if (bytes.length > 0) await appendFile(path, bytes);
  };
  return {
    name: 'tensorBoard',
    beforeFit: async ({ history }) => {
      await makeFolder(logDir);
      const seconds = String(Math.floor(now())).padStart(10, '0');
      const name = `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.${files++}`;
      path = join(logDir, name);
      // Also of a run that begins again, whose first process may have left a file here.
      waiting = [fileHeader(now()), sessionStart(now(), history.steps.length)];
      await flush();
    },
    afterBatch: async ({ step, loss, lr, momentum }) => {
      waiting.push(scalars(now(), step, { train_loss: loss, lr, momentum }));
      if (performance.now() - flushedAt > FLUSH_MS) await flush();
    },
    afterEpoch: async ({ steps, validLoss, accumulatedDice }) => {
      const values = { valid_loss: validLoss, accumulated_dice: accumulatedDice };
      if (Object.values(values).some(Number.isFinite)) {
        waiting.push(scalars(now(), steps - 1, values));
      }
      await flush();
    },
    dispose: flush,
  };
}
