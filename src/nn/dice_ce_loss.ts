import { diceCe } from '../autograd/dice_ce.ts';
import type { Tape } from '../autograd/tape.ts';
import type { Variable } from '../autograd/variable.ts';
import type { Tensor } from '../gpu/tensor.ts';

/** What a learner minimises. */
export interface Loss {
  /** Of the loss in records of a run. */
  readonly name: string;
  /** @param logits [N, C, ...]  @param target labels as u32, [N, 1, ...]  @returns [1] */
  forward(tape: Tape, logits: Variable, target: Tensor): Variable;
}

/** MONAI's options; see the op. */
export type DiceCELossOptions = NonNullable<Parameters<typeof diceCe>[3]>;

/** Dice plus cross-entropy. @see MONAI DiceCELoss(to_onehot_y=True, softmax=True) */
export class DiceCELoss implements Loss {
  readonly name = 'DiceCELoss';
  readonly options: DiceCELossOptions;

  constructor(options: DiceCELossOptions = {}) {
    this.options = options;
  }

  forward(tape: Tape, logits: Variable, target: Tensor): Variable {
    return diceCe(tape, logits, target, this.options);
  }
}
