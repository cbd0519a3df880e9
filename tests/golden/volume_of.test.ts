import { expect, it } from 'vitest';
import { fromSpacing, spacingOf } from '../../src/io/affine.ts';
import type { GoldenArray, GoldenCase } from './case.ts';
import { volumeOf } from './volume_of.ts';

it('gives a stored volume the exact spacing of its case, so that sizes are not rounded down', () => {
  const spacing = [1.8, 0.7, 0.9] as const;
  const inputs: Record<string, GoldenArray> = {
    image: { data: new Float32Array(8), shape: [1, 2, 2, 2] },
    affine: { data: Float32Array.from(fromSpacing(spacing, [1, 2, 3])), shape: [4, 4] },
  };
  const c = { params: { spacing }, input: (name: string) => inputs[name] } as unknown as GoldenCase;
  expect(spacingOf(volumeOf(c, 'image').affine)).toEqual(spacing);
});
