import { decode } from 'fast-png';
import { expect, it } from 'vitest';
import { plotLoss } from '../../../src/node/figure/plot_loss.ts';

const train = Array.from({ length: 95 }, (_, n) => ({ step: n + 6, loss: 1 / (1 + n / 20) }));
const valid = [1, 2, 3, 4, 5].map((epoch) => ({ step: 20 * epoch, loss: 0.1 + 1 / (1 + epoch) }));

/** How many pixels are about orange. */
function orange(png: Uint8Array): number {
  const { data, channels } = decode(png);
  let found = 0;
  for (let at = 0; at < data.length; at += channels) {
    const [r, g, b] = [data[at]!, data[at + 1]!, data[at + 2]!];
    if (Math.abs(r - 0xd9) + Math.abs(g - 0x76) + Math.abs(b - 0x2b) < 12) found++;
  }
  return found;
}

it('draws both curves, or training alone', async () => {
  expect(orange(await plotLoss({ train, valid }))).toBeGreaterThan(1000);
  expect(orange(await plotLoss({ train, valid: [] }))).toBe(0);
});

it('refuses a fit that is too short', async () => {
  await expect(plotLoss({ train: [], valid })).rejects.toThrow('nothing to draw');
});
