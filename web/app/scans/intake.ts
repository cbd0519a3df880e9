/** What somebody chose or dropped, sorted into what the page can use. */
import { isModelName, isNiftiName, looksLikeLabel } from './names.ts';

/** A file and where it lay in a dropped folder. */
export interface FoundFile {
  /** From the dropped folder, with forward slashes; the name alone for a single file. */
  readonly path: string;
  readonly file: File;
}

export interface Intake {
  readonly scans: readonly FoundFile[];
  readonly labels: readonly FoundFile[];
  readonly models: readonly FoundFile[];
  /** What may be slices of a DICOM series. */
  readonly dicom: readonly FoundFile[];
  /** What the page cannot read. */
  readonly others: readonly FoundFile[];
}

const DICOM_NAME = /\.(dcm|dicom|ima)$/i;
/** Archives name slices by numbers and identifiers, and give them no ending. */
const NO_ENDING = /^[^.]+$|^[\d.]+$/;
/** Left by file managers and archives. */
const DEBRIS = /(^|\/)(\._[^/]*|\.DS_Store|Thumbs\.db|desktop\.ini|DICOMDIR)$|(^|\/)__MACOSX\//i;

/** Sorts by name and folder, in the order of paths. */
export function sortFiles(files: readonly FoundFile[]): Intake {
  const sorted = {
    scans: [] as FoundFile[],
    labels: [] as FoundFile[],
    models: [] as FoundFile[],
    dicom: [] as FoundFile[],
    others: [] as FoundFile[],
  };
  const inOrder = [...files].sort((a, b) => a.path.localeCompare(b.path, 'en', { numeric: true }));
  for (const found of inOrder) {
    const { path, file } = found;
    if (DEBRIS.test(path)) continue;
    if (isModelName(file.name)) sorted.models.push(found);
    else if (isNiftiName(file.name)) sorted[looksLikeLabel(path) ? 'labels' : 'scans'].push(found);
    else if (DICOM_NAME.test(file.name) || NO_ENDING.test(file.name)) sorted.dicom.push(found);
    else sorted.others.push(found);
  }
  return sorted;
}

/** Files of an input; those of a folder keep their path. */
export const filesOfInput = (files: FileList | null): FoundFile[] =>
  [...(files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));

/** Files and, to any depth, the folders of a drop. Has to be called while the event is handled. */
export async function filesOfDrop(transfer: DataTransfer): Promise<FoundFile[]> {
  const entries = [...transfer.items]
    .filter(({ kind }) => kind === 'file')
    .map((item) => item.webkitGetAsEntry?.() ?? undefined);
  const plain = [...transfer.files].map((file) => ({ path: file.name, file }));
  // A file that a script made has no entry in the file system.
  if (!entries.some((entry) => entry?.isDirectory)) return plain;
  return (await Promise.all(entries.map((entry) => (entry ? filesUnder(entry) : [])))).flat();
}

async function filesUnder(entry: FileSystemEntry): Promise<FoundFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return [{ path: entry.fullPath.replace(/^\//, ''), file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: FoundFile[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return found;
    for (const inside of some) found.push(...(await filesUnder(inside)));
  }
}
