/** The place where the selected scan is drawn, with its label maps. */
import { element } from '../../common/element.ts';

export interface ShownClass {
  /** Label value, from 1. */
  readonly value: number;
  readonly name: string;
}

/** A NIfTI file under the name that it was given. */
export interface NamedFile {
  readonly name: string;
  readonly file: Blob;
}

export interface ShownScan {
  /** Stays the same while label maps come and go, so that the view can stay, too. */
  readonly name: string;
  readonly image: NamedFile;
  readonly groundTruth: NamedFile | undefined;
  readonly prediction: NamedFile | undefined;
  /** What the label values above 0 mean. */
  readonly classes: readonly ShownClass[];
}

export interface ScanViewer {
  /** Draws a scan, or says that none is selected; returns at once, what fails is told on the page. */
  show(scan: ShownScan | undefined): void;
}

export interface ScanViewerOptions {
  /** Hears the colours of the classes in the prediction (`#rrggbb` by label value) when they are changed. */
  readonly onColours?: (colours: ReadonlyMap<number, string>) => void;
}

/** Fills an empty element with the viewer. */
export function createViewer(root: HTMLElement, _options: ScanViewerOptions = {}): ScanViewer {
  const message = element('p', { class: 'quiet' }, 'No scan yet.');
  root.replaceChildren(message);
  return {
    show: (scan) => {
      message.textContent = scan?.name ?? 'No scan yet.';
    },
  };
}
