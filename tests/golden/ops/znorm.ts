import { volume } from '../../../src/io/volume.ts';
import { zNormalization } from '../../../src/patch/transforms/z_normalization.ts';
import { Rng } from '../../../src/rng.ts';
import type { GoldenHandler } from '../case.ts';

export const handler: GoldenHandler = (c) => {
  const { data, shape } = c.input('image');
  const image = volume(Float32Array.from(data), shape, []);
  const transform = zNormalization({ maskingMethod: c.params.masking });
  return {
    image_out: { data: transform.apply({ name: c.name, image }, Rng.seed(0)).image.data },
  };
};
