/** A row of tabs, used by the arrow keys as the ARIA pattern has it; what they show is the caller's. */
import { element } from '../../common/element.ts';

export interface Tab {
  readonly id: string;
  readonly title: string;
}

export interface Tabs {
  readonly root: HTMLElement;
  show(tabs: readonly Tab[]): void;
  /** Without calling `onSelect`. */
  select(id: string): void;
  /** Puts a sign on these. */
  mark(ids: ReadonlySet<string>): void;
}

export function createTabs(label: string, onSelect: (id: string) => void): Tabs {
  const root = element('div', { class: 'tabs', role: 'tablist', 'aria-label': label });
  const buttons = (): HTMLButtonElement[] => [...root.querySelectorAll('button')];
  root.addEventListener('keydown', ({ key }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (step === undefined) return;
    const all = buttons();
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const next = all[(at + step + all.length) % all.length];
    next?.focus();
    next?.click();
  });
  return {
    root,
    show(tabs) {
      root.replaceChildren(
        ...tabs.map(({ id, title }) =>
          element(
            'button',
            {
              type: 'button',
              role: 'tab',
              class: 'tab',
              'data-id': id,
              onclick: () => onSelect(id),
            },
            title,
          ),
        ),
      );
    },
    select(id) {
      for (const button of buttons()) {
        const isChosen = button.dataset.id === id;
        button.setAttribute('aria-selected', String(isChosen));
        button.tabIndex = isChosen ? 0 : -1;
      }
    },
    mark(ids) {
      for (const button of buttons()) {
        button.toggleAttribute('data-changed', ids.has(button.dataset.id ?? ''));
      }
    },
  };
}
