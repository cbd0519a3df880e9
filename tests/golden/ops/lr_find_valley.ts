import { exponentialLr, suggestLr } from '../../../src/train/lr_find.ts';
import { SmoothedLoss } from '../../../src/train/smoothed_loss.ts';
import type { GoldenHandler } from '../case.ts';

export const handler: GoldenHandler = (c) => {
  const { num_it, beta, start_lr, end_lr, skip_start } = c.params;
  const raw = Array.from(c.input('raw_loss').data);
  const lrs = raw.map((_, step) => exponentialLr(step / num_it, start_lr, end_lr));
  const smoothed = new SmoothedLoss(beta);
  const smooth = raw.map((loss) => smoothed.update(loss));
  const suggestion = suggestLr(lrs, smooth, num_it);
  return {
    lrs: { data: lrs },
    smooth: { data: smooth },
    suggestion: { data: [suggestion] },
    index: { data: [lrs.indexOf(suggestion) - skip_start] },
  };
};
