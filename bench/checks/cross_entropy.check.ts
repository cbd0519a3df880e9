/** cross_entropy: the loss of two classes or more, without its Dice term. */
import { crossEntropyBackward, crossEntropyForward } from '../../src/kernels/cross_entropy.ts';
import { crossEntropy } from '../../src/reference/cross_entropy.ts';
import type { Check, VolumeShape } from './check.ts';
import { lossChecks } from './dice_ce.check.ts';

export const crossEntropyChecks = (shape: VolumeShape): Check[] =>
  lossChecks('cross_entropy', shape, {
    forward: crossEntropyForward,
    backward: crossEntropyBackward,
    plain: crossEntropy,
  });
