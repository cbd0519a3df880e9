import { expect, it } from 'vitest';
import { fromSpacing, spacingOf } from '../../src/io/affine.ts';
import type { GoldenArray, GoldenCase } from './case.ts';
import { volumeOf } from './volume_of.ts';

const caseOf = (inputs: Record<string, GoldenArray>, params: object) =>
  ({
    params,
    inputNames: Object.keys(inputs),
    input: (name: string) => inputs[name],
  }) as unknown as GoldenCase;

const image = { data: new Float32Array(8), shape: [1, 2, 2, 2] };

it('gives a stored volume the exact spacing of its case, so that sizes are not rounded down', () => {
  const spacing = [1.8, 0.7, 0.9] as const;
  const affine = { data: Float32Array.from(fromSpacing(spacing, [1, 2, 3])), shape: [4, 4] };
  const c = caseOf({ image, affine }, { spacing });
  expect(spacingOf(volumeOf(c, 'image').affine)).toEqual(spacing);
});

it('puts a volume without affine on RAS axes', () => {
  const spacing = [1.8, 0.7, 0.9] as const;
  expect(volumeOf(caseOf({ image }, { spacing }), 'image').affine).toEqual(fromSpacing(spacing));
  expect(volumeOf(caseOf({ image }, {}), 'image').affine).toEqual(fromSpacing([1, 1, 1]));
});
