import { affine } from '../../../src/patch/transforms/affine.ts';
import { Rng } from '../../../src/rng.ts';
import type { GoldenHandler } from '../case.ts';
import { volumeOf } from '../volume_of.ts';

export const handler: GoldenHandler = (c) => {
  const { scales, degrees, translation, center = 'image', pad = 0 } = c.params;
  const transform = affine({ scales, degrees, translation, center, defaultPadValue: pad });
  const subject = { name: c.name, image: volumeOf(c, 'image'), label: volumeOf(c, 'label') };
  const { image, label } = transform.apply(subject, Rng.seed(0));
  return { image_out: { data: image.data }, label_out: { data: label!.data } };
};
