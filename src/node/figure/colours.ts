/** Colours of the charts. */
export const BLUE = '#2f6db3';
export const PALE = '#b9cfe6';
export const ORANGE = '#d9762b';
export const GREEN = '#2c8a63';

/** Okabe and Ito's palette, told apart by colour-blind readers too. */
const LABEL_COLOURS = [
  '#e69f00',
  '#56b4e9',
  '#009e73',
  '#cc79a7',
  '#d55e00',
  '#0072b2',
  '#f0e442',
] as const;

/** Of a label value from 1: the same in every figure. */
export const labelColour = (value: number): string =>
  LABEL_COLOURS[(value - 1) % LABEL_COLOURS.length]!;
