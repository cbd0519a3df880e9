import { pad } from '../../../src/patch/transforms/pad.ts';
import type { GoldenHandler } from '../case.ts';
import { volumeOf } from '../volume_of.ts';

export const handler: GoldenHandler = (c) => {
  const padded = pad(volumeOf(c, 'image'), c.params.padding, c.params.mode);
  return { image_out: { data: padded.data }, affine_out: { data: padded.affine } };
};
