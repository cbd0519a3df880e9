import { describe, expect, it } from 'vitest';
import { classColour } from '../../web/common/class_colours.ts';
import { channels } from '../../web/common/palette.ts';

type Rgb = readonly [number, number, number];

const linear = (colour: string): Rgb =>
  channels(colour).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;

/** What eyes without one kind of cone see, in linear sRGB; Machado, Oliveira and Fernandes 2009, severity 1. */
const BLINDNESS: Readonly<Record<string, readonly number[]>> = {
  none: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [
    0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998,
  ],
  deuteranopia: [
    0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881,
  ],
  tritanopia: [
    1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039,
  ],
};

function seen(colour: string, matrix: readonly number[]): Rgb {
  const [r, g, b] = linear(colour);
  const row = (n: number) => matrix[n]! * r + matrix[n + 1]! * g + matrix[n + 2]! * b;
  return [row(0), row(3), row(6)];
}

/** Distance of two colours in OKLab (Ottosson 2020). */
function distance(a: Rgb, b: Rgb): number {
  const [p, q] = [a, b].map(([r, g, blue]) => {
    const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * blue);
    const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * blue);
    const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * blue);
    return [
      0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
      1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
      0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
    ];
  }) as [number[], number[]];
  return Math.hypot(...p.map((value, n) => value - q[n]!));
}

describe('classColour', () => {
  it.each(Object.entries(BLINDNESS))('the first eight stay apart: %s', (_, matrix) => {
    const colours = Array.from({ length: 8 }, (_unused, n) => seen(classColour(n), matrix));
    const closest = colours.flatMap((a, n) => colours.slice(n + 1).map((b) => distance(a, b)));
    expect(Math.min(...closest)).toBeGreaterThan(0.12);
  });

  it('gives 200 classes colours of their own that are neither black nor grey', () => {
    const colours = Array.from({ length: 200 }, (_, n) => classColour(n));
    expect(new Set(colours).size).toBe(200);
    for (const colour of colours) {
      expect(colour).toMatch(/^#[0-9a-f]{6}$/);
      const parts = channels(colour);
      expect(Math.max(...parts)).toBeGreaterThan(90);
      expect(Math.max(...parts) - Math.min(...parts)).toBeGreaterThan(20);
    }
  });
});
