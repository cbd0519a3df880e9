/** A golden folder as a browser hands it over: chosen, or dropped. */
import type { GoldenFiles } from './lab_protocol.ts';

interface NamedFile {
  readonly path: string;
  readonly file: File;
}

/**
 * The files below the topmost manifest.json, by their paths from there.
 *
 * @throws Error in plain words where there is no manifest
 */
function besideManifest(files: readonly NamedFile[]): GoldenFiles {
  const manifests = files
    .map(({ path }) => path)
    .filter((path) => /(^|\/)manifest\.json$/.test(path))
    .sort((a, b) => a.length - b.length);
  const [manifest] = manifests;
  if (manifest === undefined) {
    throw new Error(
      'This folder holds no manifest.json. Choose a folder of golden cases: a manifest and the arrays beside it.',
    );
  }
  const folder = manifest.slice(0, -'manifest.json'.length);
  const inside = files.filter(({ path }) => path.startsWith(folder));
  return Object.fromEntries(inside.map(({ path, file }) => [path.slice(folder.length), file]));
}

/** Of an input with `webkitdirectory`. */
export function chosenFolder(files: readonly File[]): GoldenFiles {
  return besideManifest(
    files.map((file) => ({ path: file.webkitRelativePath || file.name, file })),
  );
}

function readEntries(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}

async function filesBelow(entry: FileSystemEntry): Promise<NamedFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return [{ path: entry.fullPath.replace(/^\//, ''), file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: NamedFile[] = [];
  // A browser gives the entries in portions, an empty one at the end.
  for (let some = await readEntries(reader); some.length > 0; some = await readEntries(reader)) {
    for (const each of some) found.push(...(await filesBelow(each)));
  }
  return found;
}

/** Of a drop; call it in the event's handler: the list is empty afterwards. */
export async function droppedFolder(items: DataTransferItemList): Promise<GoldenFiles> {
  const entries = [...items]
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null);
  return besideManifest((await Promise.all(entries.map(filesBelow))).flat());
}
