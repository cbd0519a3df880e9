/** A subject's files, preprocessed, as files. */
import { gzipSync } from 'node:zlib';
import { type NiftiWriteOptions, writeNifti } from '../../io/nifti.ts';
import type { Volume } from '../../io/volume.ts';
import type { Preprocessing } from '../../patch/preprocessing.ts';
import type { SubjectFiles } from '../dataset_folder.ts';
import { loadSubject } from '../load_subject.ts';
import { writeWholeFile } from '../whole_file.ts';

/** Can be sent to a thread. */
export interface PreprocessTask {
  readonly files: SubjectFiles;
  /** Where the results go, both .nii.gz. */
  readonly out: { readonly image: string; readonly label: string };
  readonly preprocessing: Preprocessing;
}

/** Bytes of the files that were written, or why there are none. */
export type PreprocessResult =
  | { readonly image: number; readonly label: number }
  | { readonly error: string };

/** Intensities hardly shrink: more effort costs seconds and saves a few per cent. */
const EFFORT = 1;

async function write(
  path: string,
  volume: Volume,
  datatype: NonNullable<NiftiWriteOptions['datatype']>,
): Promise<number> {
  const bytes = gzipSync(writeNifti(volume, { datatype, gzip: false }), { level: EFFORT });
  await writeWholeFile(path, bytes);
  return bytes.length;
}

/** The smallest type that holds every label; what is no label stays what it is. */
function labelType({ data }: Volume): 'uint8' | 'uint16' | 'float32' {
  let most = 0;
  for (let n = 0; n < data.length; n++) {
    const value = data[n]!;
    if (!(value >= 0 && Number.isInteger(value))) return 'float32';
    if (value > most) most = value;
  }
  return most < 2 ** 8 ? 'uint8' : most < 2 ** 16 ? 'uint16' : 'float32';
}

/** Never throws for what the files are, or for a disk that is full. */
export async function preprocessSubject(task: PreprocessTask): Promise<PreprocessResult> {
  const { files, out, preprocessing } = task;
  try {
    const subject = { ensureAffineConsistency: true, files, preprocessing };
    const { image, label } = await loadSubject(subject);
    return {
      image: await write(out.image, image, 'float32'),
      label: await write(out.label, label!, labelType(label!)),
    };
  } catch (error) {
    return { error: (error as Error).message };
  }
}
