/** What the headers of images and label maps say together: grids, channels, and pairs that do not lie alike. */
import { FormatError } from '../errors.ts';
import { sameAffine, spacingOf } from '../io/affine.ts';
import type { NiftiHeader } from '../io/nifti.ts';
import { canonicalGrid } from '../io/orientation.ts';
import { sameShape, showShape, type Triple } from '../shape.ts';
import type { ImageGrid } from './dataset_analysis.ts';

export interface SubjectHeaders {
  readonly name: string;
  readonly image: NiftiHeader;
  readonly label: NiftiHeader;
}

export interface DatasetGrids {
  readonly grids: readonly ImageGrid[];
  /** Subjects whose label map claims another place than their image; the image's counts. */
  readonly displaced: readonly string[];
  /** Channels of the images, the same in all. */
  readonly channels: number;
}

/**
 * Grids of all images, in the order of the subjects, which are asked for one after the other.
 *
 * @param applyReorder report axes as they are after reordering to RAS+
 * @throws FormatError for an image and a label map that differ in size, or images with different
 *   numbers of channels
 */
export async function datasetGrids(
  subjects: Iterable<SubjectHeaders> | AsyncIterable<SubjectHeaders>,
  applyReorder: boolean,
): Promise<DatasetGrids> {
  let first: SubjectHeaders | undefined;
  const grids: ImageGrid[] = [];
  const displaced: string[] = [];
  for await (const subject of subjects) {
    const { name, image, label } = subject;
    if (!sameShape(image.shape.slice(1), label.shape.slice(1)) || label.shape[0] !== 1) {
      throw new FormatError(
        `datasetGrids: image and label map of '${name}' do not fit. Got ${showShape(image.shape)} and ${showShape(label.shape)} [C,I,J,K]. Pair each image with a label map of its size, or leave the subject out.`,
      );
    }
    first ??= subject;
    if (first.image.shape[0] !== image.shape[0]) {
      throw new FormatError(
        `datasetGrids: images differ in their channels. '${name}' has ${image.shape[0]}, '${first.name}' has ${first.image.shape[0]}. Leave the odd ones out.`,
      );
    }
    if (!sameAffine(image.affine, label.affine)) displaced.push(name);
    const size: Triple = [image.shape[1], image.shape[2], image.shape[3]];
    grids.push(
      applyReorder
        ? { name, ...canonicalGrid(image) }
        : { name, size, spacing: spacingOf(image.affine) },
    );
  }
  return { grids, displaced, channels: first?.image.shape[0] ?? 1 };
}
