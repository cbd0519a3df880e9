/** Keeps the weights of the best epoch. */
import type { StateDict } from '../../nn/module.ts';
import type { EpochRecord } from '../history.ts';
import type { Callback } from './callback.ts';
import { Monitor, type MonitorOptions } from './monitor.ts';

export interface SaveModelOptions extends MonitorOptions {
  /** Called with the weights of each epoch that is better than all before, e.g. to write a file. */
  readonly onSave?: (weights: StateDict, record: EpochRecord) => void | Promise<void>;
  /** Says so. Default true. */
  readonly announce?: boolean;
}

/**
 * Takes a copy of the weights whenever an epoch is strictly better than all before, and puts the last
 * copy into the model after the fit. Of equal epochs the first one counts. Monitors the accumulated
 * Dice by default.
 *
 * @see fastai SaveModelCallback
 * Differs from fastai: if no epoch had a value, the last weights stay instead of a failing reload.
 */
export function saveModel(options: SaveModelOptions = {}): Callback {
  const { onSave, announce = true } = options;
  const monitor = new Monitor(options, 'accumulated_dice');
  let best: StateDict | undefined;
  return {
    name: 'saveModel',
    order: 60,
    beforeFit: ({ history }) => {
      best = undefined;
      monitor.replay(history);
    },
    load: ({ tensors }) => {
      best = tensors;
    },
    afterEpoch: async (record, fit) => {
      if (!monitor.update(record)) return;
      best = await fit.model.stateDict();
      await onSave?.(best, record);
      if (!announce) return;
      fit.message(
        `Better model found at epoch ${record.epoch} with ${monitor.name} value: ${monitor.best}.`,
      );
    },
    state: async () => (best ? { tensors: best } : undefined),
    afterFit: ({ model }) => {
      if (best) model.loadStateDict(best);
    },
  };
}
