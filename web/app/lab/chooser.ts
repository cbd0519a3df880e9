/** The lists on top: op, pass, size, kernel, precision. */
import type { Choice, LaunchFacts } from '../../../bench/lab/session.ts';
import { element } from '../../common/element.ts';
import type { Entry } from './lab_protocol.ts';

export interface Chooser {
  readonly root: HTMLElement;
  /** Fills the lists for `choice`, as far as it exists; gives what is really chosen. */
  show(entries: readonly Entry[], choice: Choice): Choice;
  /** What the adapter allows for the choice that is shown. */
  allow(facts: LaunchFacts): void;
}

const unique = (values: readonly string[]): string[] => [...new Set(values)];

function fill(list: HTMLSelectElement, values: readonly string[], chosen: string): string {
  list.replaceChildren(...values.map((value) => element('option', { value }, value)));
  list.value = values.includes(chosen) ? chosen : (values[0] ?? '');
  return list.value;
}

function fillGroups(list: HTMLSelectElement, entries: readonly Entry[], chosen: string): string {
  const groups = unique(entries.map(({ group }) => group));
  list.replaceChildren(
    ...groups.map((group) =>
      element(
        'optgroup',
        { label: group },
        ...entries
          .filter((entry) => entry.group === group)
          .map(({ title }) => element('option', { value: title }, title)),
      ),
    ),
  );
  // A layer says something about speed, and a small one comes back soon.
  const layer = entries.find(
    ({ title, group }) => group === groups[1] && /^enc0\.conv1/.test(title),
  );
  const preset = layer ?? entries.find(({ group }) => group === groups[1]) ?? entries[0];
  const isThere = entries.some(({ title }) => title === chosen);
  list.value = isThere ? chosen : (preset?.title ?? '');
  return list.value;
}

function labelled(text: string, list: HTMLSelectElement): HTMLElement {
  return element('label', { class: 'field-of' }, element('span', { class: 'quiet' }, text), list);
}

/** @param onChoice called when somebody chooses something else */
export function createChooser(onChoice: (choice: Choice) => void): Chooser {
  const select = (name: string): HTMLSelectElement =>
    element('select', { 'data-testid': `lab-${name}` });
  const lists = {
    op: select('op'),
    pass: select('pass'),
    size: select('size'),
    variant: select('variant'),
    precision: select('precision'),
  };
  const read = (): Choice => ({
    op: lists.op.value,
    pass: lists.pass.value,
    title: lists.size.value,
    variant: lists.variant.value,
    precision: lists.precision.value === 'f16' ? 'f16' : 'f32',
  });
  for (const list of Object.values(lists)) {
    list.addEventListener('change', () => {
      // Another op or pass has other sizes and kernels.
      const isNarrow = list !== lists.op && list !== lists.pass;
      onChoice(isNarrow ? read() : { ...read(), title: '', variant: 'shipped' });
    });
  }
  const setPrecision = (half: boolean, chosen: string): void => {
    fill(lists.precision, half ? ['f32', 'f16'] : ['f32'], chosen);
    lists.precision.disabled = !half;
    lists.precision.title = half
      ? 'How activations are stored; sums are f32 always'
      : 'This op, or this adapter, has no f16';
  };
  return {
    root: element(
      'div',
      { class: 'chooser' },
      labelled('Op', lists.op),
      labelled('Pass', lists.pass),
      labelled('Sizes of x', lists.size),
      labelled('Kernel', lists.variant),
      labelled('Stored as', lists.precision),
    ),
    show(entries, choice) {
      const op = fill(lists.op, unique(entries.map((entry) => entry.op)), choice.op);
      const ofOp = entries.filter((entry) => entry.op === op);
      const pass = fill(lists.pass, unique(ofOp.map((entry) => entry.pass)), choice.pass);
      fillGroups(
        lists.size,
        ofOp.filter((entry) => entry.pass === pass),
        choice.title,
      );
      fill(lists.variant, [choice.variant], choice.variant);
      setPrecision(true, choice.precision);
      return read();
    },
    allow({ variants, half }) {
      fill(lists.variant, variants, lists.variant.value);
      setPrecision(half, lists.precision.value);
    },
  };
}
