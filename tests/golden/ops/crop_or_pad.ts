import { cropOrPad } from '../../../src/patch/transforms/crop_or_pad.ts';
import type { GoldenHandler } from '../case.ts';
import { volumeOf } from '../volume_of.ts';

export const handler: GoldenHandler = (c) => {
  const result = cropOrPad(volumeOf(c, 'image'), c.params.target, c.params.mode ?? 0);
  return { image_out: { data: result.data }, affine_out: { data: result.affine } };
};
