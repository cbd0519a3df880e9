import { spatialShape, volume } from '../../../src/io/volume.ts';
import { biasField, biasFieldValues } from '../../../src/patch/transforms/bias_field.ts';
import { Rng } from '../../../src/rng.ts';
import type { GoldenHandler } from '../case.ts';
import { farther, imageOnGpu } from '../on_gpu.ts';
import { volumeOf } from '../volume_of.ts';

export const handler: GoldenHandler = async (c) => {
  const { coefficients, order } = c.params;
  const subject = { name: c.name, image: volumeOf(c, 'image') };
  const transform = biasField({ coefficients, order });
  const { image } = transform.apply(subject, Rng.seed(0));
  const size = spatialShape(subject.image);
  const field = biasFieldValues(size, coefficients, order);
  const ones = volume(new Float32Array(field.length).fill(1), [1, ...size], image.affine);
  const onGpu = (v: typeof ones) => imageOnGpu(c.gpu, v, 'BiasField', transform.params);
  return {
    image_out: farther(c, 'image_out', image.data, await onGpu(subject.image)),
    field: farther(c, 'field', field, await onGpu(ones)),
  };
};
