import { spacingOf } from '../../../src/io/affine.ts';
import { toCanonical } from '../../../src/io/orientation.ts';
import type { GoldenHandler } from '../case.ts';
import { volumeOf } from '../volume_of.ts';

export const handler: GoldenHandler = (c) => {
  const original = volumeOf(c, 'data');
  const { data, affine } = toCanonical(original);
  return {
    data_out: { data },
    affine_out: { data: affine },
    // Of the stored axes, before they are reordered.
    spacing: { data: spacingOf(original.affine) },
  };
};
