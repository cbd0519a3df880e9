/** The scans, one row each: choose it, see how it goes, take it away. */

import type { ScanFacts } from '../../../src/index.ts';
import { element } from '../../common/element.ts';
import { sizes, spacings } from '../../common/format.ts';
import { type AppStore, report, type Scan } from '../state/app_state.ts';
import { removeScan, selectScan, useAsLabel } from './scan_actions.ts';

const STATE: Record<Scan['state'], string> = {
  waiting: 'waiting',
  running: 'running',
  done: 'done',
  failed: 'failed',
};

function describe({ shape, spacing }: ScanFacts): string {
  const [channels, ...voxels] = shape;
  const count = channels > 1 ? ` · ${channels} channels` : '';
  return `${sizes(voxels)} voxels · ${spacings(spacing)}${count}`;
}

class ScanRow {
  readonly root: HTMLLIElement;
  readonly button: HTMLButtonElement;
  private readonly facts = element('span', { class: 'scan-facts' });
  private readonly state = element('span', { class: 'scan-state' });
  private readonly bar = element('span', { class: 'scan-bar', 'aria-hidden': true });
  private readonly remove: HTMLButtonElement;
  private readonly remark = element('p', { class: 'scan-remark', hidden: true });
  private readonly store: AppStore;
  private readonly name: string;
  private shown: Scan | undefined;

  constructor(store: AppStore, { name, file }: Scan) {
    this.store = store;
    this.name = name;
    this.button = element(
      'button',
      { type: 'button', class: 'scan-button', onclick: () => selectScan(store, name) },
      element('span', { class: 'scan-name', title: file.name }, name),
      this.state,
      this.facts,
      this.bar,
    );
    this.remove = element('button', {
      type: 'button',
      class: 'remove',
      'aria-label': `Remove ${name}`,
      title: 'Remove',
      onclick: () => this.takeAway(),
    });
    this.root = element(
      'li',
      { class: 'scan', 'data-testid': 'scan-row', 'data-name': name },
      this.button,
      this.remove,
      this.remark,
    );
  }

  update(scan: Scan, isSelected: boolean): void {
    if (isSelected) this.button.setAttribute('aria-current', 'true');
    else this.button.removeAttribute('aria-current');
    if (scan === this.shown) return;
    const { state, fraction, facts } = scan;
    this.root.dataset.state = state;
    this.remove.disabled = state === 'running';
    this.state.textContent = state === 'running' ? `${Math.round(fraction * 100)} %` : STATE[state];
    this.bar.style.transform = `scaleX(${state === 'running' ? fraction : 0})`;
    this.facts.textContent = facts ? describe(facts) : '\u00a0';
    if (this.shown?.failure !== scan.failure || this.shown?.facts !== facts) this.tell(scan);
    this.shown = scan;
  }

  private tell({ name, failure, facts }: Scan): void {
    this.remark.hidden = !failure && !facts?.looksLikeLabels;
    if (failure) this.remark.replaceChildren(failure);
    else if (facts?.looksLikeLabels) {
      this.remark.replaceChildren(
        'It holds few whole numbers, as a label map does. ',
        element(
          'button',
          { type: 'button', class: 'link', onclick: () => useAsLabel(this.store, name) },
          'Use it as ground truth',
        ),
      );
    }
  }

  /** The focus stays in the list. */
  private takeAway(): void {
    const neighbour = this.root.nextElementSibling ?? this.root.previousElementSibling;
    removeScan(this.store, this.name);
    report(this.store, 'idle', `${this.name} removed`);
    (
      neighbour?.querySelector('button') ?? document.querySelector<HTMLElement>('#scan-input')
    )?.focus();
  }
}

/** Draws the scans of the store into a list. */
export function createScanList(list: HTMLElement, store: AppStore): void {
  const rows = new Map<string, ScanRow>();
  store.subscribe(() => {
    const { scans, selected } = store.get();
    const names = new Set(scans.map(({ name }) => name));
    for (const [name, row] of rows) {
      if (names.has(name)) continue;
      row.root.remove();
      rows.delete(name);
    }
    for (const scan of scans) {
      let row = rows.get(scan.name);
      if (!row) {
        row = new ScanRow(store, scan);
        rows.set(scan.name, row);
        list.append(row.root);
      }
      row.update(scan, scan.name === selected);
    }
    list.hidden = scans.length === 0;
  });
  list.addEventListener('keydown', (event) => {
    const buttons = [...list.querySelectorAll<HTMLButtonElement>('.scan-button')];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    if (at < 0) return;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (event.key === 'Delete')
      buttons[at]!.parentElement!.querySelector<HTMLElement>('.remove')!.click();
    else if (to === undefined) return;
    else buttons[to]?.focus();
    event.preventDefault();
  });
}
