/** File names as people give them to scans and label maps. */
const NIFTI = /\.nii(\.gz)?$/i;
const MODEL = /\.safetensors$/i;

export const isNiftiName = (name: string): boolean => NIFTI.test(name);
export const isModelName = (name: string): boolean => MODEL.test(name);

/** `folder/heart_01.nii.gz` -> `heart_01` */
export const caseName = (path: string): string => path.replace(/^.*\//, '').replace(NIFTI, '');

/** Endings of label maps' names, and folders that they lie in. */
const LABEL_SUFFIX =
  /[-_. ](labels?|labelmap|seg|segmentation|dseg|mask|gt|groundtruth|ground[-_ ]truth)$/i;
const LABEL_FOLDER = /^(labels?|labelstr|segmentations?|masks?|gt|ground[-_ ]?truth)$/i;

/** Whether a NIfTI file is a label map, as far as its name and its folder tell. */
export function looksLikeLabel(path: string): boolean {
  const folders = path.split('/').slice(0, -1);
  return (
    LABEL_SUFFIX.test(caseName(path)) || (folders.length > 0 && LABEL_FOLDER.test(folders.at(-1)!))
  );
}

/** The name of the scan that a label map belongs to, by its own: `case_1_seg` -> `case_1` */
export const labelledName = (name: string): string => name.replace(LABEL_SUFFIX, '');
