/** Storage in half precision: IEEE 754 binary16 has 11 significant bits and goes up to 65504. */

const LARGEST = 65504;
const SMALLEST_EXPONENT = -14;
const FRACTION_BITS = 10;

/** The nearest value of half precision, of two the one with an even last bit. */
export function roundToHalf(value: number): number {
  const size = Math.abs(value);
  if (size === 0 || !Number.isFinite(value)) return value;
  let exponent = SMALLEST_EXPONENT;
  while (2 ** (exponent + 1) <= size) exponent++;
  const step = 2 ** (exponent - FRACTION_BITS);
  const below = Math.floor(size / step);
  const rest = size / step - below;
  const up = rest > 0.5 || (rest === 0.5 && below % 2 === 1);
  const rounded = (below + Number(up)) * step;
  return Math.sign(value) * (rounded > LARGEST ? Number.POSITIVE_INFINITY : rounded);
}

/** y = x as half precision holds it. The way back is exact, so it has no loop of its own. */
export function castForward(x: Float32Array): Float32Array {
  return x.map(roundToHalf);
}
