import { gamma } from '../../../src/patch/transforms/gamma.ts';
import { Rng } from '../../../src/rng.ts';
import type { GoldenHandler } from '../case.ts';
import { volumeOf } from '../volume_of.ts';

export const handler: GoldenHandler = (c) => {
  const subject = { name: c.name, image: volumeOf(c, 'image') };
  const { image } = gamma({ gamma: c.params.gamma }).apply(subject, Rng.seed(0));
  return { image_out: { data: image.data } };
};
