import { expect, it } from 'vitest';
import { maskArea, maskOutline } from '../../../src/node/figure/mask_path.ts';
import type { Slice } from '../../../src/node/figure/slice.ts';

// . 1 1
// . 1 2
const slice: Slice = {
  width: 3,
  height: 2,
  values: Float32Array.of(0, 1, 1, 0, 1, 2),
  pixelWidth: 1,
  pixelHeight: 1,
};
const unit = { width: 1, height: 1 };

it('the area is one rectangle per run of pixels of that label', () => {
  expect(maskArea(slice, 1, unit)).toBe('M1 0h2v1h-2zM1 1h1v1h-1z');
  expect(maskArea(slice, 2, unit)).toBe('M2 1h1v1h-1z');
  expect(maskArea(slice, 3, unit)).toBe('');
});

it('the outline runs along the border of the label, and along the picture’s edge', () => {
  expect(maskOutline(slice, 2, unit)).toBe('M2 1h1M2 2h1M2 1v1M3 1v1');
  expect(maskOutline(slice, 1, unit)).toBe('M1 0h2M2 1h1M1 2h1M1 0v2M2 1v1M3 0v1');
});

it('pixels may be larger, and wider than high', () => {
  expect(maskArea(slice, 2, { width: 4, height: 2.5 })).toBe('M8 2.5h4v2.5h-4z');
});
