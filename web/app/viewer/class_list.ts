/** The classes of a label map: shown or hidden, their colours, their volumes, and where they are. */
import { element } from '../../common/element.ts';
import type { LabelClass } from './label_map.ts';
import type { Triple } from './scan_image.ts';

export interface ListedClass extends LabelClass {
  readonly name: string;
  /** `#rrggbb`. */
  readonly colour: string;
  readonly isShown: boolean;
}

export interface ClassListActions {
  show(value: number, isShown: boolean): void;
  showAll(isShown: boolean): void;
  recolour(value: number, colour: string): void;
  find(voxel: Triple): void;
}

/** From this many classes on they can be searched. */
const MANY = 9;

/** Millilitres with three digits that mean something. */
export function millilitresText(value: number): string {
  if (value === 0) return '0 ml';
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  return `${value.toFixed(digits)} ml`;
}

export class ClassList {
  readonly root: HTMLElement;
  private readonly actions: ClassListActions;
  private readonly list = element('ul', { class: 'viewer-classes' });
  private readonly tools: HTMLElement;
  private readonly search: HTMLInputElement;

  constructor(actions: ClassListActions) {
    this.actions = actions;
    const all = (text: string, isShown: boolean) =>
      element(
        'button',
        { type: 'button', class: 'plain small', onclick: () => actions.showAll(isShown) },
        text,
      );
    this.search = element('input', {
      type: 'search',
      placeholder: 'Find a class',
      'aria-label': 'Find a class',
      oninput: () => this.filter(),
    });
    this.tools = element(
      'div',
      { class: 'viewer-line' },
      this.search,
      all('all', true),
      all('none', false),
    );
    this.root = element('div', { class: 'viewer-legend' }, this.tools, this.list);
  }

  show(classes: readonly ListedClass[]): void {
    this.tools.hidden = classes.length < 2;
    this.search.hidden = classes.length < MANY;
    if (this.search.hidden) this.search.value = '';
    this.list.replaceChildren(...classes.map((listed) => this.row(listed)));
    this.filter();
  }

  private filter(): void {
    const wanted = this.search.value.trim().toLowerCase();
    for (const row of this.list.children as Iterable<HTMLElement> & HTMLCollection) {
      (row as HTMLElement).hidden = !(row.textContent ?? '').toLowerCase().includes(wanted);
    }
  }

  private row({
    value,
    name,
    colour,
    isShown,
    millilitres,
    voxels,
    middle,
  }: ListedClass): HTMLElement {
    const shown = element('input', {
      type: 'checkbox',
      checked: isShown,
      'aria-label': `Show ${name}`,
      onchange: () => this.actions.show(value, shown.checked),
    });
    const colours = element('input', {
      type: 'color',
      value: colour,
      'aria-label': `Colour of ${name}`,
      oninput: () => this.actions.recolour(value, colours.value),
    });
    return element(
      'li',
      { 'data-value': value },
      shown,
      colours,
      element(
        'button',
        {
          type: 'button',
          class: 'plain viewer-find',
          title: middle ? 'Show where it is' : 'Nowhere in this scan',
          disabled: middle === undefined,
          onclick: () => {
            if (middle) this.actions.find(middle);
          },
        },
        name,
      ),
      element(
        'span',
        { class: 'viewer-volume', title: `${voxels.toLocaleString('en')} voxels` },
        millilitresText(millilitres),
      ),
    );
  }
}
