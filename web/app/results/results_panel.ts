/** Volumes, metrics and files to take away. */
import { element } from '../../common/element.ts';
import type { AppStore } from '../state/app_state.ts';

/** Fills an element with the results of all scans. */
export function createResultsPanel(root: HTMLElement, _store: AppStore): void {
  root.replaceChildren(
    element('p', { class: 'quiet' }, 'Volumes and, with a ground truth, metrics appear here.'),
    element(
      'p',
      { class: 'row' },
      element(
        'a',
        { class: 'button', 'data-testid': 'download', role: 'link', 'aria-disabled': 'true' },
        'Segmentation of the selected scan',
      ),
      element('button', { type: 'button', 'data-testid': 'zip', disabled: true }, 'All as zip'),
      element('button', { type: 'button', 'data-testid': 'csv', disabled: true }, 'Table as CSV'),
    ),
    element('pre', {
      class: 'metrics',
      'data-testid': 'metrics',
      role: 'region',
      'aria-label': 'Metrics as JSON',
      tabindex: 0,
    }),
  );
}
