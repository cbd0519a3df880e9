import { ConfigError } from '../../errors.ts';
import { clipGradients } from '../../kernels/clip_gradients.ts';
import type { Callback } from './callback.ts';

/**
 * Scales the gradients of a step by one factor, so that their L2 norm together is at most `maxNorm`.
 * On the GPU, in a fixed order: the same bytes each time. In half precision the loss scale does not
 * count, and a step that is skipped stays so.
 *
 * @throws ConfigError for a norm that is not above 0
 * @see fastai GradientClip, torch.nn.utils.clip_grad_norm_
 */
export function gradientClip({ maxNorm = 1 }: { readonly maxNorm?: number } = {}): Callback {
  if (!(maxNorm > 0)) {
    throw new ConfigError(
      `gradientClip: the norm has to be above 0. Got maxNorm ${maxNorm}. Pass a positive number.`,
    );
  }
  return {
    name: 'gradientClip',
    afterGradients: ({ scope, parameters, lossScale }) => {
      const gradients = parameters.flatMap(({ parameter }) => parameter.grad ?? []);
      if (gradients.length > 0) clipGradients(scope, gradients, { maxNorm, lossScale });
    },
  };
}
