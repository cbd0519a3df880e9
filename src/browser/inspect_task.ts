import { spacingOf } from '../io/affine.ts';
import { readNifti } from '../io/nifti.ts';
import { blobBytes } from './blob_bytes.ts';
import type { TaskWork } from './task_context.ts';

/** More kinds of tissue than common atlases hold. */
const MOST_LABELS = 256;
/** Of the voxels above 0 that have the value of the voxel before: labels fill regions, grey values do not. */
const LEAST_EQUAL = 0.5;

/** Few whole numbers from 0, in one piece each. */
function isLabelMap(values: ArrayLike<number>): boolean {
  const seen = new Set<number>();
  let [inside, equal] = [0, 0];
  let before = 0;
  for (let n = 0; n < values.length; n++) {
    const value = values[n]!;
    if (value !== before) {
      if (!Number.isInteger(value) || value < 0) return false;
      seen.add(value);
      if (seen.size > MOST_LABELS) return false;
    }
    if (value > 0) {
      inside++;
      if (value === before) equal++;
    }
    before = value;
  }
  return equal >= LEAST_EQUAL * inside;
}

/**
 * What `inspect` of `VoxgradWorker` does in the worker.
 *
 * @throws FormatError for a file that is no scan
 */
export const inspectTask: TaskWork<'inspect'> = async ({ file }, { signal }) => {
  const bytes = await blobBytes(file);
  signal.throwIfAborted();
  const { header, data, shape, affine } = readNifti(bytes);
  return {
    shape,
    spacing: spacingOf(affine),
    datatype: header.datatype,
    looksLikeLabels: shape[0] === 1 && isLabelMap(data),
  };
};
