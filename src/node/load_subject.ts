/** From the files of a subject to what patches are cut from, in whichever thread. */
import { stat } from 'node:fs/promises';
import { FormatError } from '../errors.ts';
import { sameAffine, spacingOf } from '../io/affine.ts';
import type { NiftiHeader } from '../io/nifti.ts';
import { canonicalGrid } from '../io/orientation.ts';
import { isTargetSpacing, type Preprocessing, preprocess } from '../patch/preprocessing.ts';
import type { Subject } from '../patch/subject.ts';
import type { SubjectBytes } from '../patch/subject_cache.ts';
import { product, type Triple } from '../shape.ts';
import { type LabelRule, readSubject, type SubjectFiles } from './dataset_folder.ts';
import { readNiftiHeaderFile } from './nifti_file.ts';

/** Can be sent to a thread. */
export interface LoadSubjectTask {
  readonly files: SubjectFiles;
  /** Without it labels stay as they are in the file. */
  readonly rule?: LabelRule;
  readonly preprocessing: Preprocessing;
  /** Labels that claim another place than their image: paired by index (true), or an error. */
  readonly ensureAffineConsistency: boolean;
}

/**
 * Reads, decompresses, reorients, resamples, normalises and pads.
 *
 * @throws FormatError with the path for files that cannot be used, ShapeError and ConfigError of the
 *   transforms
 */
export async function loadSubject(task: LoadSubjectTask): Promise<Subject> {
  const { files, rule, preprocessing, ensureAffineConsistency } = task;
  const subject = await readSubject(files, rule);
  const { image, label } = subject;
  if (!ensureAffineConsistency && label && !sameAffine(image.affine, label.affine)) {
    throw new FormatError(
      `${files.label}: loadSubject: label map and image lie at different places. Their affines are [${label.affine}] and [${image.affine}]. Correct the header, or set ensureAffineConsistency to pair voxels by index.`,
    );
  }
  return preprocess(subject, preprocessing).subject;
}

/** A voxel in memory: float32, or float64 where that may not hold what is stored. */
const bytesPerValue = ({ datatype, bytesPerVoxel }: NiftiHeader): number =>
  datatype === 'float32' || bytesPerVoxel < 4 ? 4 : 8;

/**
 * What `loadSubject` will take, from the headers. Transforms that change the size are not foreseen.
 *
 * @throws FormatError as `loadSubject`
 */
export async function subjectBytes(task: LoadSubjectTask): Promise<SubjectBytes> {
  const { files, preprocessing } = task;
  const { applyReorder, targetSpacing, minimumSize } = preprocessing;
  const header = await readNiftiHeaderFile(files.image);
  const label = await readNiftiHeaderFile(files.label);
  const disk = await Promise.all([files.image, files.label].map((path) => stat(path)));
  const [, I, J, K] = header.shape;
  const grid = applyReorder
    ? canonicalGrid(header)
    : { size: [I, J, K] as Triple, spacing: spacingOf(header.affine) };
  const isResampled = targetSpacing !== null && !isTargetSpacing(grid.spacing, targetSpacing);
  const size = isResampled
    ? grid.size.map((n, axis) => Math.ceil((n * grid.spacing[axis]!) / targetSpacing[axis]!))
    : grid.size;
  const padded = size.map((n, axis) => Math.max(n, minimumSize?.[axis] ?? 0));
  const image = header.shape[0] * bytesPerValue(header);
  const perVoxel = image + bytesPerValue(label);
  const source = product([I, J, K]);
  const loaded = product(padded) * perVoxel;
  const stored = source * (header.shape[0] * header.bytesPerVoxel + label.bytesPerVoxel);
  const loading =
    disk.reduce((sum, file) => sum + file.size, stored) +
    source * perVoxel * (applyReorder ? 2 : 1) +
    (isResampled ? product(size) * perVoxel : 0) +
    product(size) * image * preprocessing.transforms.length +
    loaded;
  return { loaded, loading };
}
