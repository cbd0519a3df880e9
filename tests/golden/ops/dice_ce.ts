import { diceCeBackward, diceCeForward } from '../../../src/kernels/dice_ce.ts';
import { fill } from '../../../src/kernels/fill.ts';
import type { GoldenHandler } from '../case.ts';

/** Names of MONAI's arguments and of ours; the first two say what the op always does. */
const OPTIONS: Record<string, string> = {
  include_background: 'includeBackground',
  squared_pred: 'squaredPred',
  jaccard: 'jaccard',
  batch: 'batch',
  reduction: 'reduction',
  weight: 'weight',
  ce_weight: 'weight',
  lambda_dice: 'lambdaDice',
  lambda_ce: 'lambdaCe',
  smooth_nr: 'smoothNr',
  smooth_dr: 'smoothDr',
};

export const handler: GoldenHandler = async (c) => {
  const { to_onehot_y, softmax, ...rest } = c.params;
  if (to_onehot_y !== true || softmax !== true) {
    throw new Error('diceCe always applies the softmax and the one-hot encoding');
  }
  const options = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => {
      const name = OPTIONS[key];
      if (name === undefined) throw new Error(`diceCe has no option for '${key}'`);
      return [name, value];
    }),
  );
  using scope = c.gpu.scope();
  const logits = c.input('logits');
  const labels = c.input('target');
  const x = scope.upload(Float32Array.from(logits.data), logits.shape);
  const target = scope.upload(Uint32Array.from(labels.data), labels.shape);
  const { loss, dice, ce, slopes } = diceCeForward(scope, x, target, options);
  const dloss = scope.tensor([1]);
  fill(scope, dloss, 1);
  const dlogits = diceCeBackward(scope, x, target, slopes, dloss, options);
  return {
    loss: { data: await c.gpu.read(loss) },
    dice: { data: await c.gpu.read(dice) },
    ce: { data: await c.gpu.read(ce) },
    glogits: { data: await c.gpu.read(dlogits) },
  };
};
