/** Dice plus cross-entropy with its gradient. MONAI `DiceCELoss(to_onehot_y=True, softmax=True)`. */
import type { Tensor } from '../gpu/tensor.ts';
import { type DiceCeOptions, diceCeBackward, diceCeForward } from '../kernels/dice_ce.ts';
import type { Tape } from './tape.ts';
import type { Variable } from './variable.ts';

/** @param logits [N, C, ...]  @param target labels as u32, [N, 1, ...]  @returns [1] */
export function diceCe(
  tape: Tape,
  logits: Variable,
  target: Tensor,
  options: DiceCeOptions = {},
): Variable {
  const { loss, slopes } = diceCeForward(tape, logits.value, target, options);
  return tape.record(loss, [logits], (dloss, scope, _, reads) => [
    diceCeBackward(scope, reads.take(0), target, slopes, dloss, options),
  ]);
}
