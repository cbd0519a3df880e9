/** Ends a fit that does not get better any more. */
import { ConfigError } from '../../errors.ts';
import type { Callback } from './callback.ts';
import { Monitor, type MonitorOptions } from './monitor.ts';

export interface EarlyStoppingOptions extends MonitorOptions {
  /** Epochs without a better one before the fit ends. Default 1. */
  readonly patience?: number;
}

/**
 * Ends the fit after `patience` epochs in a row that were not strictly better than the best before
 * them. Monitors the validation loss by default.
 *
 * @throws ConfigError for a patience that is no whole number from 1
 * @see fastai EarlyStoppingCallback
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callback {
  const { patience = 1 } = options;
  if (!Number.isInteger(patience) || patience < 1) {
    throw new ConfigError(
      `earlyStopping: patience counts epochs. Got ${patience}. Pass a whole number from 1.`,
    );
  }
  const monitor = new Monitor(options, 'valid_loss');
  return {
    name: 'earlyStopping',
    order: 63,
    // What it needs is all in the history: there is no other state.
    beforeFit: ({ history }) => monitor.replay(history),
    afterEpoch: (record, fit) => {
      if (monitor.update(record)) return;
      const best = monitor.bestEpoch ?? -1;
      if (record.epoch - best < patience) return;
      const reason = `No improvement since epoch ${best}: early stopping`;
      fit.message(reason);
      fit.stop(reason);
    },
  };
}
