/** dice_ce: two classes or more, one of which occurs nowhere. */
import type { Scope } from '../../src/gpu/scope.ts';
import type { Tensor } from '../../src/gpu/tensor.ts';
import { diceCeBackward, diceCeForward } from '../../src/kernels/dice_ce.ts';
import { diceCe, type Layout } from '../../src/reference/dice_ce.ts';
import { type Check, check, type Inputs, type VolumeShape, voxelsOf } from './check.ts';

interface Loss {
  readonly forward: (
    scope: Scope,
    logits: Tensor,
    target: Tensor,
  ) => { readonly loss: Tensor; readonly slopes: Tensor };
  readonly backward: (
    scope: Scope,
    logits: Tensor,
    target: Tensor,
    slopes: Tensor,
    dloss: Tensor,
  ) => Tensor;
  readonly plain: (
    logits: Float32Array,
    labels: Uint32Array,
    layout: Layout,
  ) => { readonly loss: number; readonly dlogits: Float32Array };
}

/** Checks of a loss of logits and labels. */
export function lossChecks(
  op: string,
  [batch, channels, ...size]: VolumeShape,
  { forward, backward, plain }: Loss,
): Check[] {
  const classes = channels + 1;
  const shape: VolumeShape = [batch, classes, ...size];
  const layout = { batch, classes, voxels: voxelsOf(shape) };
  const given = (inputs: Inputs) => ({
    logits: inputs.parameter(shape, 1),
    target: inputs.labels(shape, Math.max(2, channels)),
  });
  return [
    check({ op, pass: 'forward', shape }, (inputs) => {
      const { logits, target } = given(inputs);
      return {
        run: (scope) => [forward(scope, logits.tensor, target.tensor).loss],
        expected: () => [[plain(logits.values, target.values, layout).loss]],
      };
    }),
    check({ op, pass: 'backward', shape }, (inputs) => {
      const { logits, target } = given(inputs);
      const { slopes } = forward(inputs.scope, logits.tensor, target.tensor);
      const dloss = inputs.parameter([1], Float32Array.of(1));
      return {
        run: (scope) => [backward(scope, logits.tensor, target.tensor, slopes, dloss.tensor)],
        expected: () => [plain(logits.values, target.values, layout).dlogits],
      };
    }),
  ];
}

export const diceCeChecks = (shape: VolumeShape): Check[] =>
  lossChecks('dice_ce', shape, { forward: diceCeForward, backward: diceCeBackward, plain: diceCe });
