import { expect, it } from 'vitest';
import type { StateDict } from '../../../src/nn/module.ts';
import { saveModel } from '../../../src/train/callbacks/save_model.ts';
import { toyFit } from '../../helpers/toy_fit.ts';

it('saves, announces and finally loads the weights of the best epoch by what it monitors', async () => {
  const saved: { epoch: number; weights: StateDict }[] = [];
  const messages: string[] = [];
  const { history, weights } = await toyFit(4, {
    onMessage: (text) => messages.push(text),
    callbacks: [
      saveModel({
        monitor: 'valid_loss',
        comparison: 'greater',
        onSave: (state, { epoch }) => {
          saved.push({ epoch, weights: state });
        },
      }),
    ],
  });
  // The worst, so that it cannot be the last by chance.
  const losses = history.epochs.map(({ validLoss }) => validLoss);
  const worst = losses.indexOf(Math.max(...losses));
  expect(worst).toBeLessThan(3);
  expect(saved.at(-1)!.epoch).toBe(worst);
  expect(weights).toEqual(saved.at(-1)!.weights);
  expect(messages.at(-1)).toBe(
    `Better model found at epoch ${worst} with valid_loss value: ${losses[worst]}.`,
  );
});

it('leaves the last weights where no epoch has a value', async () => {
  const first = await toyFit(1, {
    callbacks: [saveModel({ minDelta: 10, comparison: 'greater' })],
  });
  expect(first.history.epochs.length).toBe(1);
  const never = await toyFit(1, { callbacks: [saveModel({ monitor: 'valid_loss' })] });
  expect(never.weights).toEqual(first.weights);
});
