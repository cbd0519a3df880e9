/** Files that the page made, handed to the person at it. */
import type { FileToZip } from './zip_files.ts';

/** The address has to live until the browser has begun to save. */
const ADDRESS_MILLISECONDS = 60_000;

/** Saves a file as the browser does with a link that is followed. */
export function saveFile({ name, blob }: FileToZip): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), ADDRESS_MILLISECONDS);
}

/** A link whose file changes: without one it cannot be followed. */
export class DownloadLink {
  readonly root: HTMLAnchorElement;
  private shown: Blob | undefined;

  constructor(root: HTMLAnchorElement) {
    this.root = root;
  }

  update(file: FileToZip | undefined): void {
    if (file?.blob === this.shown) return;
    this.shown = file?.blob;
    const before = this.root.href;
    if (before) setTimeout(() => URL.revokeObjectURL(before), ADDRESS_MILLISECONDS);
    if (!file) {
      this.root.removeAttribute('href');
      this.root.removeAttribute('download');
      this.root.setAttribute('aria-disabled', 'true');
      return;
    }
    this.root.href = URL.createObjectURL(file.blob);
    this.root.download = file.name;
    this.root.removeAttribute('aria-disabled');
  }
}
