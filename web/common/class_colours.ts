/**
 * Colours of classes over grey images, on light and on dark pages.
 *
 * The first eight stay apart for people who see no red, no green or no blue; after them hues go round by the
 * golden angle at three lightnesses (OKLCH, Ottosson 2020), since no more can be told apart by colour alone:
 * names stand beside them, and under the crosshair.
 */
const FIRST = [
  '#f28e2b',
  '#4cb5f5',
  '#fce400',
  '#c0003c',
  '#846cfc',
  '#a8fcd8',
  '#8400e4',
  '#0c6c9c',
] as const;

const GOLDEN_DEGREES = 137.508;
const LIGHTNESS = [0.74, 0.58, 0.86] as const;
const CHROMA = [0.14, 0.17, 0.1] as const;

/** @param index of the class, from 0 for the first that is not background */
export function classColour(index: number): string {
  const first = FIRST[index];
  if (first) return first;
  const turn = index - FIRST.length;
  return oklch(
    LIGHTNESS[turn % LIGHTNESS.length]!,
    CHROMA[turn % CHROMA.length]!,
    30 + turn * GOLDEN_DEGREES,
  );
}

/** Agreement, only predicted, only in the ground truth, another class. */
export const DIFFERENCE_COLOURS = ['#9aa5b1', '#f28e2b', '#4cb5f5', '#fce400'] as const;

/** `#rrggbb` of a colour in OKLCH, hue in degrees; what sRGB cannot show is clipped. */
function oklch(lightness: number, chroma: number, hue: number): string {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return `#${linear.map((value) => hex(gamma(Math.min(1, Math.max(0, value))))).join('')}`;
}

const gamma = (value: number): number =>
  value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;

const hex = (value: number): string =>
  Math.round(value * 255)
    .toString(16)
    .padStart(2, '0');
