import { resize } from '../../../src/patch/transforms/resize.ts';
import type { GoldenHandler } from '../case.ts';
import { volumeOf } from '../volume_of.ts';

export const handler: GoldenHandler = (c) => {
  const image = resize(volumeOf(c, 'image'), c.params.target_shape, 'linear');
  const label = resize(volumeOf(c, 'label'), c.params.target_shape, 'nearest');
  const ties = c.output('label_tie_mask').data;
  return {
    image_out: { data: image.data },
    label_out: { data: label.data, where: (index) => ties[index] === 0 },
    affine_out: { data: image.affine },
  };
};
