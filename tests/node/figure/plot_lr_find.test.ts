import { decode } from 'fast-png';
import { expect, it } from 'vitest';
import { plotLrFind } from '../../../src/node/figure/plot_lr_find.ts';
import type { LrFinding } from '../../../src/train/lr_find.ts';

/** A search whose loss falls from 1.6 on; the suggestion is at step 50. */
function finding(steps: number, loss: (step: number) => number): LrFinding {
  const lrs = Array.from({ length: steps }, (_, step) => 10 ** (-7 + (8 * step) / 100));
  const losses = lrs.map((_, step) => loss(step));
  const stepLosses = losses.map((value, step) => value + 0.1 * Math.sin(7 * step));
  return { valley: lrs[50]!, lrs, losses, stepLosses, diverged: false };
}

const falling = (step: number): number => 1.6 / (1 + Math.exp((step - 55) / 8)) + 0.2;

/** How many pixels have about this colour. */
function count(png: Uint8Array, [r, g, b]: readonly [number, number, number]): number {
  const { data, channels } = decode(png);
  let found = 0;
  for (let at = 0; at < data.length; at += channels) {
    const off = Math.abs(data[at]! - r) + Math.abs(data[at + 1]! - g) + Math.abs(data[at + 2]! - b);
    if (off < 12) found++;
  }
  return found;
}

const ORANGE = [0xd9, 0x76, 0x2b] as const;
const PALE = [0xb9, 0xcf, 0xe6] as const;
const BLUE = [0x2f, 0x6d, 0xb3] as const;

it('draws the loss of each step, the smoothed loss and the suggestion', async () => {
  const png = await plotLrFind(finding(100, falling));
  expect(count(png, BLUE)).toBeGreaterThan(1000);
  expect(count(png, PALE)).toBeGreaterThan(1000);
  const marked = count(png, ORANGE);
  expect(marked).toBeGreaterThan(500);
  // Without the dot and its words there is the legend's line alone.
  const bare = await plotLrFind({ ...finding(100, falling), valley: 20 });
  expect(count(bare, ORANGE)).toBeLessThan(0.5 * marked);
});

it('leaves out the last five steps, however far off they are', async () => {
  const wild = (step: number): number => (step < 95 ? falling(step) : 1e6);
  const png = await plotLrFind({
    ...finding(100, wild),
    stepLosses: finding(100, falling).losses.slice(),
  });
  const calm = await plotLrFind({
    ...finding(100, falling),
    stepLosses: finding(100, falling).losses.slice(),
  });
  expect(png).toEqual(calm);
});

it('draws all that is finite of a search that a NaN has ended', async () => {
  const lost = (step: number): number => (step < 52 ? falling(step) : Number.NaN);
  expect(count(await plotLrFind(finding(53, lost)), ORANGE)).toBeGreaterThan(500);
});

it('refuses a search of too few steps', async () => {
  await expect(plotLrFind(finding(5, falling))).rejects.toThrow('nothing to draw');
});
