/** Training in the page, on the scans and label maps that were chosen. */
import { element } from '../../common/element.ts';
import type { Engine } from '../engine.ts';
import type { LabelMap, LoadedModel, Scan, StatusState } from '../state/app_state.ts';

/** A scan with its label map. */
export interface TrainingPair {
  readonly name: string;
  readonly image: Scan['file'];
  readonly label: LabelMap['file'];
}

/** What the training may ask of the page and tell it. */
export interface TrainContext {
  /** Undefined until it is open, and where there is none. */
  engine(): Engine | undefined;
  /** Scans that have a label map of their name. */
  pairs(): readonly TrainingPair[];
  /** To start from; undefined until it is loaded. */
  model(): LoadedModel | undefined;
  /** Whether a segmentation has the graphics processor, or there is none. */
  isBusy(): boolean;
  /** Calls at once and whenever one of these may have changed. */
  subscribe(listener: () => void): () => void;
  /** Takes the graphics processor: false where something else has it. Give it back with `end`. */
  begin(): boolean;
  end(): void;
  /** Shows a sentence in the page's status line. */
  report(state: StatusState, text: string): void;
  /** Segments with this model from now on. */
  useModel(file: File): void;
}

/** Fills an empty element with the training. */
export function createTrainPanel(root: HTMLElement, _context: TrainContext): void {
  root.replaceChildren(
    element('h2', { id: 'train-title' }, 'Train'),
    element('button', { type: 'button', 'data-testid': 'train', disabled: true }, 'Train'),
    element('output', { 'data-testid': 'loss' }),
    element('a', { 'data-testid': 'save-model', role: 'link', 'aria-disabled': true }, 'Model'),
  );
}
