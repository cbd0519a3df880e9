import { volume } from '../../../src/io/volume.ts';
import { flip } from '../../../src/patch/transforms/flip.ts';
import { Rng } from '../../../src/rng.ts';
import type { GoldenHandler } from '../case.ts';
import { farther, imageOnGpu } from '../on_gpu.ts';

export const handler: GoldenHandler = async (c) => {
  const { data, shape } = c.input('image');
  const given = volume(Float32Array.from(data), shape, []);
  const transform = flip({ axes: c.params.axes });
  const { image } = transform.apply({ name: c.name, image: given }, Rng.seed(0));
  const onGpu = await imageOnGpu(c.gpu, given, 'Flip', transform.params);
  return { image_out: farther(c, 'image_out', image.data, onGpu) };
};
