/** Voxels of a row that one thread takes, as in `shaders/common/row_share.wgsl`. */
const VOXELS_PER_THREAD = 8;

/** Threads of a kernel that walks along the rows of volumes, or along other lines. */
export function rowShares(lines: number, length: number): number {
  return lines * stepOf(length);
}

/** Distance between the voxels of a thread, which is the number of threads of a line. */
export function stepOf(length: number): number {
  return Math.ceil(length / VOXELS_PER_THREAD);
}
