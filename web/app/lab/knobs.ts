/** Numbers of a shader that can be set without touching its text. */
import type { Edit } from '../../../bench/lab/edited_scope.ts';
import type { ShaderFacts } from '../../../bench/lab/session.ts';
import { element } from '../../common/element.ts';

export type Knobs = Pick<Edit, 'overrides' | 'consts'>;

export interface KnobPanel {
  readonly root: HTMLElement;
  show(facts: ShaderFacts | undefined, knobs: Knobs): void;
}

/** @param onChange gets all numbers that differ from the shipped ones */
export function createKnobPanel(onChange: (knobs: Knobs) => void): KnobPanel {
  const root = element('div', { class: 'knobs' });
  return {
    root,
    show(facts, knobs) {
      root.replaceChildren();
      const fields: { name: string; kind: 'overrides' | 'consts'; field: HTMLInputElement }[] = [];
      const report = (): void => {
        const changed = { overrides: {}, consts: {} } as {
          overrides: Record<string, number>;
          consts: Record<string, number>;
        };
        for (const { name, kind, field } of fields) {
          const value = field.valueAsNumber;
          if (Number.isInteger(value) && value !== facts?.[kind][name]) changed[kind][name] = value;
        }
        onChange(changed);
      };
      for (const kind of ['overrides', 'consts'] as const) {
        for (const [name, shipped] of Object.entries(facts?.[kind] ?? {})) {
          const field = element('input', {
            type: 'number',
            min: 1,
            step: 1,
            value: knobs[kind]?.[name] ?? shipped,
            'data-knob': name,
            oninput: report,
          });
          fields.push({ name, kind, field });
          const isSet = facts?.set.includes(name) === true;
          root.append(
            element(
              'label',
              {
                class: 'knob',
                title: isSet
                  ? `The launcher sets ${name} to ${shipped}, and the grid for it`
                  : `The text says ${shipped}`,
              },
              element('code', {}, name),
              field,
            ),
          );
        }
      }
      const isSet = fields.some(({ name }) => facts?.set.includes(name));
      root.hidden = fields.length === 0;
      if (isSet) {
        root.append(
          element(
            'p',
            { class: 'quiet' },
            'The launcher sets these numbers and lays out the grid for its own. Where a change does not fit the grid, the check fails.',
          ),
        );
      }
    },
  };
}
