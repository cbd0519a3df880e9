import { gamma } from '../../../src/patch/transforms/gamma.ts';
import { Rng } from '../../../src/rng.ts';
import type { GoldenHandler } from '../case.ts';
import { farther, imageOnGpu } from '../on_gpu.ts';
import { volumeOf } from '../volume_of.ts';

export const handler: GoldenHandler = async (c) => {
  const subject = { name: c.name, image: volumeOf(c, 'image') };
  const transform = gamma({ gamma: c.params.gamma });
  const { image } = transform.apply(subject, Rng.seed(0));
  const onGpu = await imageOnGpu(c.gpu, subject.image, 'Gamma', transform.params);
  return { image_out: farther(c, 'image_out', image.data, onGpu) };
};
