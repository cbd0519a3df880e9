/** The table of runs: sorted by any column, a box to select each run, its colour where it is selected. */
import type { RunSummary } from '../../src/index.ts';
import { element, swatch } from '../common/element.ts';
import { date, decimals, duration, sizes, whole } from '../common/format.ts';

type Key = string | number | null;

interface Column {
  readonly name: string;
  readonly key: (run: RunSummary) => Key;
  readonly text: (run: RunSummary) => string;
  readonly isNumber?: boolean;
  /** Larger is better: the first click sorts downwards. */
  readonly isDescending?: boolean;
}

const product = (values: readonly number[] | null): number | null =>
  values?.reduce((a, b) => a * b, 1) ?? null;

const COLUMNS: readonly Column[] = [
  { name: 'Run', key: ({ name }) => name, text: ({ name }) => name },
  { name: 'State', key: ({ state }) => state, text: ({ state }) => state },
  {
    name: 'Started',
    key: ({ started }) => started,
    text: ({ started }) => date(started),
    isDescending: true,
  },
  {
    name: 'Steps',
    key: ({ steps }) => steps,
    text: ({ steps, totalSteps }) => `${steps} / ${totalSteps ?? '?'}`,
    isNumber: true,
    isDescending: true,
  },
  {
    name: 'Best Dice',
    key: ({ bestDice }) => bestDice,
    text: ({ bestDice }) => decimals(bestDice),
    isNumber: true,
    isDescending: true,
  },
  {
    name: 'Valid loss',
    key: ({ validLoss }) => validLoss,
    text: ({ validLoss }) => decimals(validLoss),
    isNumber: true,
  },
  {
    name: 'Test DSC',
    key: ({ evaluation }) => evaluation?.dsc ?? null,
    text: ({ evaluation }) => decimals(evaluation?.dsc),
    isNumber: true,
    isDescending: true,
  },
  {
    name: 'Patch',
    key: ({ patchSize }) => product(patchSize),
    text: ({ patchSize }) => sizes(patchSize),
    isNumber: true,
  },
  {
    name: 'Spacing, mm',
    key: ({ spacing }) => product(spacing),
    text: ({ spacing, state }) => sizes(spacing, state === 'damaged' ? '–' : 'own'),
    isNumber: true,
  },
  {
    name: 'Parameters',
    key: ({ parameters }) => parameters,
    text: ({ parameters }) => whole(parameters),
    isNumber: true,
  },
  {
    name: 'Time',
    key: ({ seconds }) => seconds,
    text: ({ seconds }) => duration(seconds),
    isNumber: true,
  },
];

function compare(a: Key, b: Key): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}

export interface RunsTableOptions {
  readonly onSelect: (id: string, isSelected: boolean) => void;
}

export class RunsTable {
  readonly root: HTMLElement;
  private readonly body = element('tbody');
  private readonly heads: HTMLTableCellElement[] = [];
  private readonly filter: HTMLInputElement;
  private readonly options: RunsTableOptions;
  private runs: readonly RunSummary[] = [];
  private colours: ReadonlyMap<string, string> = new Map();
  private sort = { column: 2, isDown: true };

  constructor(options: RunsTableOptions) {
    this.options = options;
    this.filter = element('input', {
      type: 'search',
      placeholder: 'Filter by name or state',
      'aria-label': 'Filter runs by name or state',
      oninput: () => this.draw(),
    });
    const head = element(
      'tr',
      {},
      element('th', {}, element('span', { class: 'hidden' }, 'Compare')),
    );
    COLUMNS.forEach(({ name, isNumber, isDescending = false }, column) => {
      const button = element(
        'button',
        { type: 'button', onclick: () => this.sortBy(column, isDescending) },
        name,
      );
      const cell = element('th', { scope: 'col', class: isNumber ? 'number' : '' }, button);
      this.heads.push(cell);
      head.append(cell);
    });
    const table = element('table', { class: 'runs' }, element('thead', {}, head), this.body);
    this.root = element('div', {}, this.filter, element('div', { class: 'scroll' }, table));
  }

  /** @param colours of the selected runs, by id */
  show(runs: readonly RunSummary[], colours: ReadonlyMap<string, string>): void {
    this.runs = runs;
    this.colours = colours;
    this.draw();
  }

  private sortBy(column: number, isDescending: boolean): void {
    const isSame = this.sort.column === column;
    this.sort = { column, isDown: isSame ? !this.sort.isDown : isDescending };
    this.draw();
  }

  private draw(): void {
    const { column, isDown } = this.sort;
    this.heads.forEach((cell, n) => {
      cell.setAttribute('aria-sort', n !== column ? 'none' : isDown ? 'descending' : 'ascending');
    });
    const wanted = this.filter.value.toLowerCase();
    const { key } = COLUMNS[column]!;
    const shown = this.runs
      .filter(({ name, state }) => `${name} ${state}`.toLowerCase().includes(wanted))
      .sort((a, b) => {
        const order = compare(key(a), key(b));
        return (
          (isDown && key(a) !== null && key(b) !== null ? -order : order) || compare(a.name, b.name)
        );
      });
    // The box that has the focus keeps it.
    const focused = (document.activeElement as HTMLElement | null)?.dataset.run;
    this.body.replaceChildren(...shown.map((run) => this.row(run)));
    if (focused !== undefined) {
      this.body.querySelector<HTMLElement>(`[data-run="${CSS.escape(focused)}"]`)?.focus();
    }
  }

  private row(run: RunSummary): HTMLTableRowElement {
    const { id, name, state, error } = run;
    const colour = this.colours.get(id);
    const box = element('input', {
      type: 'checkbox',
      'aria-label': `Compare ${name}`,
      'data-run': id,
      disabled: state === 'damaged',
      onchange: () => this.options.onSelect(id, box.checked),
    });
    box.checked = colour !== undefined;
    if (colour !== undefined) box.style.accentColor = colour;
    const link = element(
      'a',
      { href: `#/run/${encodeURIComponent(id)}`, 'data-run': `link ${id}` },
      name,
    );
    const first = element(
      'th',
      { scope: 'row' },
      colour ? swatch(colour) : null,
      state === 'damaged' ? name : link,
    );
    const row = element(
      'tr',
      { 'data-state': state },
      element('td', {}, box),
      first,
      element('td', {}, stateLabel(run)),
    );
    if (state === 'damaged') {
      row.append(element('td', { class: 'error', colspan: COLUMNS.length - 2 }, error ?? ''));
      return row;
    }
    for (const { text, isNumber } of COLUMNS.slice(2)) {
      row.append(element('td', { class: isNumber ? 'number' : '' }, text(run)));
    }
    return row;
  }
}

/** The state in words, with a mark and, where it runs, how far it is. */
export function stateLabel({ state, steps, totalSteps, error }: RunSummary): HTMLElement {
  const share = totalSteps ? ` ${Math.floor((100 * steps) / totalSteps)} %` : '';
  const text = state === 'running' ? `running${share}` : state;
  return element('span', { class: 'state', 'data-state': state, title: error ?? '' }, text);
}
