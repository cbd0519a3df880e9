import { ShapeError } from '../../errors.ts';
import { spatialShape, volume } from '../../io/volume.ts';
import { sameShape, showShape } from '../../shape.ts';
import type { Transform } from './transform.ts';

/**
 * Give the label map the image's affine: annotation tools often write a slightly different one.
 *
 * @returns a transform; it throws ShapeError if the two are not of one size
 * @see TorchIO CopyAffine(target='image'), fastMONAI ensure_affine_consistency
 */
export function copyAffine(): Transform {
  return {
    name: 'CopyAffine',
    params: {},
    apply(subject) {
      const { image, label, name } = subject;
      if (!label) return subject;
      if (!sameShape(spatialShape(image), spatialShape(label))) {
        throw new ShapeError(
          `copyAffine: image and label map of '${name}' differ in size. Got ${showShape(image.shape)} and ${showShape(label.shape)} [C,I,J,K]. Pair each scan with its own label map.`,
        );
      }
      return { ...subject, label: volume(label.data, label.shape, image.affine) };
    },
  };
}
