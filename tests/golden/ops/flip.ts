import { volume } from '../../../src/io/volume.ts';
import { flip } from '../../../src/patch/transforms/flip.ts';
import { Rng } from '../../../src/rng.ts';
import type { GoldenHandler } from '../case.ts';

export const handler: GoldenHandler = (c) => {
  const { data, shape } = c.input('image');
  const image = volume(Float32Array.from(data), shape, []);
  const transform = flip({ axes: c.params.axes });
  return {
    image_out: { data: transform.apply({ name: c.name, image }, Rng.seed(0)).image.data },
  };
};
