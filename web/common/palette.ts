/** Colours that tell runs and classes apart, on white and on black. */
const RUNS = [
  '#3b7dc4',
  '#d9762b',
  '#2c9a6b',
  '#b8508f',
  '#8266d6',
  '#a38415',
  '#2f9fb3',
  '#c94f46',
] as const;

export const runColour = (index: number): string => RUNS[index % RUNS.length]!;

/** Ground truth in cool hues, predictions in warm ones. */
const TRUTH = ['#35c28b', '#3fa7ff', '#8fd14f', '#5fd8d8', '#9a8cff', '#4fb37c'] as const;
const PREDICTION = ['#ff8a3d', '#ff5d8f', '#ffd23f', '#e86af0', '#ff6b57', '#f2b66d'] as const;

/** @param value label value from 1 */
export const truthColour = (value: number): string => TRUTH[(value - 1) % TRUTH.length]!;
export const predictionColour = (value: number): string =>
  PREDICTION[(value - 1) % PREDICTION.length]!;

/** Red, green and blue of `#rrggbb`. */
export function channels(colour: string): [number, number, number] {
  const value = Number.parseInt(colour.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
