import { decode } from 'fast-png';
import { expect, it } from 'vitest';
import { plotCurves } from '../../../src/node/figure/plot_curves.ts';

const stepLosses = Array.from({ length: 60 }, (_, n) => 0.3 + Math.exp(-n / 20));
const epochs = [
  { step: 20, validLoss: 0.8, dice: 0.3 },
  { step: 40, validLoss: 0.5, dice: 0.7 },
  { step: 60, validLoss: 0.45, dice: 0.6 },
];

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
const GREEN = [0x2c, 0x8a, 0x63] as const;
const BLUE = [0x2f, 0x6d, 0xb3] as const;

it('draws training loss, validation loss and Dice', async () => {
  const png = await plotCurves({ title: 'run', stepLosses, epochs });
  expect(count(png, BLUE)).toBeGreaterThan(1000);
  expect(count(png, ORANGE)).toBeGreaterThan(1000);
  expect(count(png, GREEN)).toBeGreaterThan(1000);
});

it('leaves out the Dice panel and the validation curve where there are none', async () => {
  const png = await plotCurves({ stepLosses, epochs: [{ step: 60, validLoss: null, dice: null }] });
  const both = await plotCurves({ stepLosses, epochs });
  expect(count(png, BLUE)).toBeGreaterThan(1000);
  expect(count(png, ORANGE)).toBe(0);
  expect(count(png, GREEN)).toBe(0);
  expect(decode(png).width).toBeLessThan(0.7 * decode(both).width);
});

it('a loss that is not finite leaves a gap and does not spoil the rest', async () => {
  const holed = stepLosses.map((loss, n) => (n === 30 ? Number.NaN : loss));
  expect(count(await plotCurves({ stepLosses: holed, epochs }), BLUE)).toBeGreaterThan(1000);
});

it('refuses a run without any finite loss', async () => {
  await expect(plotCurves({ stepLosses: [Number.NaN], epochs: [] })).rejects.toThrow(
    'nothing to draw',
  );
});
