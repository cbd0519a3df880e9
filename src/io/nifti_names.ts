/** A pair of .hdr and .img is named by either half. */
const ANY_ENDING = /\.(nii|hdr|img)(\.gz)?$/i;

/** `heart_01.nii.gz` -> `heart_01`: what files of one case have in common. */
export function caseOf(fileName: string): string {
  return fileName.replace(ANY_ENDING, '');
}
