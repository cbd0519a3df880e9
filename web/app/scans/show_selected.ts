/** The selected scan in the viewer, with its label maps as they come. */
import type { AppStore, Scan } from '../state/app_state.ts';
import type { ScanViewer } from '../viewer/scan_viewer.ts';
import { pairLabels } from './pairing.ts';

/** Keeps a viewer at what the store has selected. */
export function showSelected(viewer: ScanViewer, store: AppStore): void {
  let shown: readonly unknown[] = [undefined];
  store.subscribe(() => {
    const { scans, labels, selected, model } = store.get();
    const scan: Scan | undefined = scans.find(({ name }) => name === selected);
    const label = scan && pairLabels(scans, labels).get(scan.name);
    const classNames = model?.classNames;
    // Progress alone is no reason to draw anew.
    const now = [scan?.file, scan?.segmentation, label?.file, classNames];
    if (now.length === shown.length && now.every((part, n) => part === shown[n])) return;
    shown = now;
    viewer.show(
      scan && {
        name: scan.name,
        image: { name: scan.file.name, file: scan.file },
        groundTruth: label && { name: label.file.name, file: label.file },
        prediction: scan.segmentation && {
          name: scan.segmentation.fileName,
          file: scan.segmentation.file,
        },
        classes:
          scan.segmentation?.classes ??
          (classNames ?? []).slice(1).map((name, n) => ({ value: n + 1, name })),
      },
    );
  });
}
