import { spacingOf } from '../../../src/io/affine.ts';
import { blur } from '../../../src/patch/transforms/blur.ts';
import { Rng } from '../../../src/rng.ts';
import type { GoldenHandler } from '../case.ts';
import { farther, imageOnGpu } from '../on_gpu.ts';
import { volumeOf } from '../volume_of.ts';

export const handler: GoldenHandler = async (c) => {
  const subject = { name: c.name, image: volumeOf(c, 'image') };
  const transform = blur({ std: c.params.std_mm });
  const { image } = transform.apply(subject, Rng.seed(0));
  const spacing = spacingOf(image.affine);
  // The GPU's millimetres are voxels.
  const std = (transform.params.std as readonly number[]).map((mm, axis) => mm / spacing[axis]!);
  const onGpu = await imageOnGpu(c.gpu, subject.image, 'Blur', { std });
  return { image_out: farther(c, 'image_out', image.data, onGpu) };
};
