/** Half precision on the CPU: IEEE 754 binary16, which has no typed array here. */

const EXPONENT_BIAS = 15;
const FRACTION_BITS = 10;

/** The value of sixteen bits, exactly. */
export function halfToFloat(bits: number): number {
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> FRACTION_BITS) & 0x1f;
  const fraction = (bits & 0x3ff) / 2 ** FRACTION_BITS;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** (1 - EXPONENT_BIAS);
  return sign * (1 + fraction) * 2 ** (exponent - EXPONENT_BIAS);
}

let table: Float32Array | undefined;

/** All of them, each exact in f32. */
export function halvesToFloats(halves: Uint16Array): Float32Array<ArrayBuffer> {
  table ??= Float32Array.from({ length: 2 ** 16 }, (_, bits) => halfToFloat(bits));
  const floats = new Float32Array(halves.length);
  for (let n = 0; n < halves.length; n++) floats[n] = table[halves[n]!]!;
  return floats;
}
