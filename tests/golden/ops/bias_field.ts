import { spatialShape } from '../../../src/io/volume.ts';
import { biasField, biasFieldValues } from '../../../src/patch/transforms/bias_field.ts';
import { Rng } from '../../../src/rng.ts';
import type { GoldenHandler } from '../case.ts';
import { volumeOf } from '../volume_of.ts';

export const handler: GoldenHandler = (c) => {
  const { coefficients, order } = c.params;
  const subject = { name: c.name, image: volumeOf(c, 'image') };
  const { image } = biasField({ coefficients, order }).apply(subject, Rng.seed(0));
  const field = biasFieldValues(spatialShape(subject.image), coefficients, order);
  return { image_out: { data: image.data }, field: { data: field } };
};
