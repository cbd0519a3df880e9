import type { NiftiHeader } from './nifti_header.ts';
import type { NiftiWriteOptions } from './nifti_write.ts';
import type { Volume } from './volume.ts';

/**
 * How a label map on a scan's grid is stored, for `writeNifti`: in the smallest unsigned integers that
 * hold it, placed as the scan's header says.
 */
export function labelMapOptions({ data }: Volume, scan: NiftiHeader): NiftiWriteOptions {
  const isLarge = data.some((value) => value > 255);
  return { datatype: isLarge ? 'uint16' : 'uint8', like: scan };
}
