/** A case's stored volume. */
import { fromSpacing, spacingOf } from '../../src/io/affine.ts';
import { type Volume, volume } from '../../src/io/volume.ts';
import type { GoldenCase } from './case.ts';

/**
 * Input `name` on the grid of input `affine`; without one, on RAS axes of the case's spacing, or of
 * 1 mm. Affines are stored as float32; where the parameters give the spacing in full, it is taken
 * from there, since sizes are floor(size * spacing / target).
 */
export function volumeOf(c: GoldenCase, name: string): Volume {
  const { data, shape } = c.input(name);
  const spacing: readonly [number, number, number] | undefined = c.params.spacing;
  if (!c.inputNames.includes('affine')) {
    return volume(Float32Array.from(data), shape, fromSpacing(spacing ?? [1, 1, 1]));
  }
  const affine = Array.from(c.input('affine').data);
  if (spacing) {
    const stored = spacingOf(affine);
    for (let n = 0; n < 12; n++) {
      const axis = n % 4;
      // In this order: along an axis the direction is exactly 1, so the spacing stays exact.
      if (axis < 3) affine[n] = (affine[n]! / stored[axis]!) * spacing[axis]!;
    }
  }
  return volume(Float32Array.from(data), shape, affine);
}
