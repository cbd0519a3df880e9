/** Files that are dropped anywhere on the window. */
import { type FoundFile, filesOfDrop } from './intake.ts';
import type { Purpose } from './scan_actions.ts';

const hasFiles = ({ dataTransfer }: DragEvent): boolean =>
  dataTransfer?.types.includes('Files') ?? false;

/**
 * Takes drops of the whole window.
 *
 * @param cover shown while files are over the window
 * @param labels a drop on it is meant as label maps
 */
export function acceptDrops(
  cover: HTMLElement,
  labels: HTMLElement,
  onFiles: (files: readonly FoundFile[], purpose: Purpose) => void,
  onFailure: (error: unknown) => void,
): void {
  // Elements inside the window are entered and left, too.
  let depth = 0;
  const show = (isOver: boolean) => {
    cover.hidden = !isOver;
    if (!isOver) depth = 0;
  };
  addEventListener('dragenter', (event) => {
    if (!hasFiles(event)) return;
    depth++;
    show(true);
  });
  addEventListener('dragleave', (event) => {
    if (hasFiles(event) && --depth <= 0) show(false);
  });
  addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.dataTransfer!.dropEffect = 'copy';
  });
  addEventListener('drop', (event) => {
    show(false);
    if (!hasFiles(event)) return;
    event.preventDefault();
    const purpose = labels.contains(event.target as Node) ? 'labels' : 'any';
    filesOfDrop(event.dataTransfer!).then((files) => onFiles(files, purpose), onFailure);
  });
}
