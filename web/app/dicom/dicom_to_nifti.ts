/**
 * DICOM series to NIfTI files by dcm2niix (Li, Morgan, Ashburner, Smith and Rorden 2016), compiled to WebAssembly,
 * in a worker of its own: nothing is sent anywhere. Loaded when the first DICOM file is there.
 */
import { Dcm2niix } from '@niivue/dcm2niix';
import { isDicom, transferSyntax, unreadableCompression } from './is_dicom.ts';

export interface DicomOptions {
  readonly signal?: AbortSignal;
  /** Hears what is being done, in words. */
  readonly onProgress?: (text: string) => void;
}

/** What the package's worker answers. */
type Answer =
  | { readonly type: 'ready' }
  | { readonly type: 'error'; readonly message: string }
  | { readonly type?: undefined; readonly convertedFiles: File[]; readonly exitCode: number };

const REPORTS = 'structured reports, plans and presentations hold none';

/**
 * One NIfTI file for each series, named by its number and description; files that are not DICOM are left out.
 *
 * @throws Error in plain words: no DICOM, no images in it, a compression that cannot be undone;
 * the signal's reason once it is aborted
 */
export async function dicomToNifti(
  files: readonly File[],
  { signal, onProgress }: DicomOptions = {},
): Promise<File[]> {
  signal?.throwIfAborted();
  const found: File[] = [];
  for (const file of files) {
    // A DICOMDIR lists images, and holds none.
    if (file.name.toUpperCase() !== 'DICOMDIR' && (await isDicom(file))) found.push(file);
  }
  signal?.throwIfAborted();
  if (found.length === 0) throw new Error('There is no DICOM image among these files.');
  const images = `${found.length} DICOM ${found.length === 1 ? 'file' : 'files'}`;
  onProgress?.(`Reading ${images}`);
  const converter = new Dcm2niix();
  try {
    const made = await convert(converter, found, signal);
    const scans = made.filter(({ name }) => /\.nii$/i.test(name));
    if (scans.length > 0) return scans;
    throw new Error(await explanation(found, images));
  } finally {
    converter.worker?.terminate();
  }
}

/** @returns all files that were written, also where a part of the input failed */
function convert(
  converter: Dcm2niix,
  files: readonly File[],
  signal: AbortSignal | undefined,
): Promise<File[]> {
  return new Promise((resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    const started = converter.init();
    const fail = (text: string) =>
      reject(new Error(`DICOM cannot be read here: the converter failed (${text}).`));
    converter.worker?.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
      if (data.type === 'error') fail(data.message);
      else if (data.type === undefined) resolve(data.convertedFiles);
    });
    // Folders hold files of the same names; the converter has only one folder.
    const numbered = files.map((file, n) => new File([file], `${n}.dcm`));
    started.then(
      // What it rejects with has come as a message, together with the files of a partial success.
      () =>
        converter
          .input(numbered)
          .b('n')
          .z('n')
          .f('%s_%d')
          .run()
          .catch(() => {}),
      (error: Error) => fail(error.message),
    );
  });
}

async function explanation(files: readonly File[], images: string): Promise<string> {
  for (const file of files) {
    const compression = unreadableCompression(await transferSyntax(file));
    if (compression) {
      return `The images are compressed with ${compression}, which cannot be undone here. Export them without compression, or as JPEG 2000 or JPEG-LS.`;
    }
  }
  return `There are no images in ${images} (${REPORTS}), or they are damaged.`;
}
