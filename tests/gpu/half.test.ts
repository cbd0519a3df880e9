import { expect, test } from 'vitest';
import { halfToFloat, halvesToFloats } from '../../src/gpu/half.ts';
import { roundToHalf } from '../../src/reference/cast.ts';

test.each([
  [0x3c00, 1],
  [0xc000, -2],
  [0x3555, 0.333251953125],
  [0x7bff, 65504],
  [0x0400, 2 ** -14],
  [0x0001, 2 ** -24],
  [0x03ff, 1023 * 2 ** -24],
  [0x8000, -0],
  [0xfc00, Number.NEGATIVE_INFINITY],
  [0x7e00, Number.NaN],
])('the bits %i are %f', (bits, value) => {
  expect(halfToFloat(bits)).toBe(value);
});

test('every value of half precision stays what it is when it is rounded again', () => {
  const values = halvesToFloats(Uint16Array.from({ length: 2 ** 16 }, (_, bits) => bits));
  expect(values.length).toBe(2 ** 16);
  const moved = values.filter((value) => !Object.is(roundToHalf(value), value));
  expect([...moved]).toEqual([]);
});
