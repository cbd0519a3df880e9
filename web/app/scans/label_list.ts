/** The label maps, and which scan each belongs to. */
import { element } from '../../common/element.ts';
import type { AppStore } from '../state/app_state.ts';
import { pairLabels, unpairedLabels } from './pairing.ts';
import { removeLabel } from './scan_actions.ts';

/** Draws the label maps of the store into a list, with a sentence about them. */
export function createLabelList(list: HTMLElement, note: HTMLElement, store: AppStore): void {
  const invitation = note.textContent ?? '';
  let shown = '';
  store.subscribe(() => {
    const { scans, labels } = store.get();
    const pairs = pairLabels(scans, labels);
    const stray = new Set(unpairedLabels(labels, pairs));
    const key = JSON.stringify([
      labels.map(({ name }) => name),
      [...stray].map(({ name }) => name),
    ]);
    if (key === shown) return;
    shown = key;
    list.hidden = labels.length === 0;
    note.textContent =
      labels.length === 0 ? invitation : `${pairs.size} of ${scans.length} scans have one`;
    list.replaceChildren(
      ...labels.map((label) =>
        element(
          'li',
          { class: 'label-row' },
          element('span', { class: 'label-name', title: label.file.name }, label.name),
          stray.has(label) && element('span', { class: 'quiet' }, 'no scan of this name'),
          element('button', {
            type: 'button',
            class: 'remove',
            'aria-label': `Remove the label map ${label.name}`,
            title: 'Remove',
            onclick: () => removeLabel(store, label.name),
          }),
        ),
      ),
    );
  });
}
