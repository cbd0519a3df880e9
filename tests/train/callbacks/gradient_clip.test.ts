import { expect, it } from 'vitest';
import { ConfigError } from '../../../src/errors.ts';
import { gradientClip } from '../../../src/train/callbacks/gradient_clip.ts';
import { toyFit } from '../../helpers/toy_fit.ts';

/** Without this the optimiser divides by the size of the gradients, and little is left of clipping. */
const adam = { eps: 1 };

it('changes a training only where gradients are larger than the norm', async () => {
  const plain = await toyFit(1, {}, { adam });
  const loose = await toyFit(1, { callbacks: [gradientClip({ maxNorm: 1e4 })] }, { adam });
  expect(loose.weights).toEqual(plain.weights);
  const tight = await toyFit(1, { callbacks: [gradientClip({ maxNorm: 0.01 })] }, { adam });
  expect(tight.weights).not.toEqual(plain.weights);
  expect(tight.history.steps[0]!.loss).toBe(plain.history.steps[0]!.loss);
});

it('keeps weights near where they were when the norm is tiny', async () => {
  const tiny = await toyFit(
    1,
    { callbacks: [gradientClip({ maxNorm: 1e-6 })] },
    { adam: { eps: 1, weightDecay: 0 } },
  );
  const losses = tiny.history.steps.map(({ loss }) => loss);
  const other = await toyFit(1, {}, { adam: { eps: 1e6, weightDecay: 0 } });
  for (const [n, { loss }] of other.history.steps.entries()) expect(losses[n]).toBeCloseTo(loss, 5);
});

it('gives the same bytes twice, leaves no memory behind, and refuses a norm of 0', async () => {
  const run = () => toyFit(1, { callbacks: [gradientClip({ maxNorm: 0.1 })] });
  expect((await run()).weights).toEqual((await run()).weights);
  expect(() => gradientClip({ maxNorm: 0 })).toThrow(ConfigError);
});
