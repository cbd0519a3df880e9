/** Settings of one run, or of several side by side with what differs marked. */
import { compareSettings } from '../../src/index.ts';
import { element, swatch } from '../common/element.ts';

export interface NamedSettings {
  readonly name: string;
  readonly colour?: string;
  readonly config: unknown;
}

export class SettingsTable {
  readonly root: HTMLElement;
  private readonly all = element('input', { type: 'checkbox', onchange: () => this.draw() });
  private readonly choice = element(
    'label',
    { class: 'choice' },
    this.all,
    'also what is the same',
  );
  private readonly place = element('div', { class: 'scroll' });
  private runs: readonly NamedSettings[] = [];

  constructor() {
    this.root = element('div', {}, this.choice, this.place);
  }

  show(runs: readonly NamedSettings[]): void {
    this.runs = runs;
    this.draw();
  }

  private draw(): void {
    const { runs } = this;
    const isOne = runs.length < 2;
    this.choice.hidden = isOne;
    const rows = compareSettings(runs.map(({ config }) => config)).filter(
      ({ differs }) => differs || isOne || this.all.checked,
    );
    if (rows.length === 0) {
      const text = runs.length === 0 ? 'No run is selected.' : 'The settings are the same.';
      this.place.replaceChildren(element('p', { class: 'quiet' }, text));
      return;
    }
    const head = element(
      'tr',
      {},
      element('th', { scope: 'col' }, 'Setting'),
      ...runs.map(({ name, colour }) =>
        element('th', { scope: 'col' }, colour ? swatch(colour) : null, isOne ? 'Value' : name),
      ),
    );
    const body = rows.map(({ name, values, differs }) =>
      element(
        'tr',
        { class: differs ? 'differs' : '' },
        element('th', { scope: 'row' }, name),
        ...values.map((value) => element('td', {}, value ?? '–')),
      ),
    );
    this.place.replaceChildren(
      element(
        'table',
        { class: 'settings' },
        element('thead', {}, head),
        element('tbody', {}, ...body),
      ),
    );
  }
}
