/** What came out of a run: right or wrong, how far and where, how fast. */

import type { CompilerMessage } from '../../../bench/lab/compile.ts';
import type { LabResult } from '../../../bench/lab/session.ts';
import { element } from '../../common/element.ts';

const milliseconds = (ms: number): string =>
  ms >= 100
    ? ms.toFixed(0)
    : ms >= 10
      ? ms.toFixed(1)
      : ms >= 1
        ? ms.toFixed(2)
        : ms.toPrecision(2);
const rate = (value: number | null): string =>
  value === null ? '–' : value >= 100 ? value.toFixed(0) : value.toPrecision(2);
const percent = (value: number | null): string => (value === null ? '–' : `${value.toFixed(1)} %`);

function verdict({ ok, difference, tolerance, oracle, error }: LabResult): string {
  if (error !== undefined) return error;
  if (!difference) return 'No result came back.';
  const { worst, at, got, expected, nans, values } = difference;
  if (at === null) return `The number of values differs from the ${values} of the ${oracle}.`;
  if (worst === null) {
    return `${nans} of ${values} values are not numbers, the first at index ${at}.`;
  }
  const where = worst === 0 ? '' : ` at index ${at}: got ${got}, expected ${expected}`;
  const allowed = `allowed is ${tolerance.toExponential(1)}`;
  const size =
    worst === 0
      ? 'Not a single bit differs'
      : `Worst difference ${worst.toExponential(1)} of the largest value`;
  return `${size} from the ${oracle}${where}; ${allowed}. ${values === 1 ? 'One value' : `${values} values`} compared.${ok ? '' : ' A wrong kernel is not timed.'}`;
}

function times({ yours, shipped, ceilings }: LabResult): (HTMLElement | string)[] {
  if (!yours || !shipped) return [];
  const row = (name: string, timed: typeof yours): HTMLElement =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, name),
      element('td', { class: 'number' }, milliseconds(timed.median)),
      element('td', { class: 'number' }, `± ${(50 * timed.spread).toFixed(0)} %`),
      element('td', { class: 'number' }, rate(timed.gflops)),
      element('td', { class: 'number' }, rate(timed.gbps)),
      element('td', { class: 'number' }, percent(timed.percentOfCeiling)),
    );
  const heads = ['', 'ms', 'spread', 'GFLOP/s', 'GB/s', 'of the ceiling'];
  const factor = shipped.median / yours.median;
  const noise = Math.max(yours.spread, shipped.spread, 0.03);
  const words =
    Math.abs(factor - 1) <= noise
      ? 'As fast as the shipped kernel, within the noise of this measurement.'
      : factor > 1
        ? `${factor.toFixed(2)} times as fast as the shipped kernel.`
        : `${(1 / factor).toFixed(2)} times slower than the shipped kernel.`;
  return [
    element('p', { class: 'factor' }, words),
    element(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Times' },
      element(
        'table',
        {},
        element(
          'thead',
          {},
          element(
            'tr',
            {},
            ...heads.map((head, n) =>
              n === 0 ? element('td') : element('th', { scope: 'col', class: 'number' }, head),
            ),
          ),
        ),
        element('tbody', {}, row('yours', yours), row('shipped', shipped)),
      ),
    ),
    element(
      'p',
      { class: 'quiet' },
      `Medians of several runs, the two in turns. Ceilings of this adapter, measured once per page: ${rate(ceilings?.fma_gflops ?? null)} GFLOP/s of multiply-adds, ${rate(ceilings?.copy_gbps ?? null)} GB/s copied.`,
    ),
  ];
}

function messageList(
  messages: readonly CompilerMessage[],
  goTo: (message: CompilerMessage) => void,
): HTMLElement | false {
  if (messages.length === 0) return false;
  return element(
    'ul',
    { class: 'messages' },
    ...messages.map((message) => {
      const { type, file, line, column, text } = message;
      const place = line > 0 ? `${file}:${line}:${column}` : file;
      return element(
        'li',
        { 'data-type': type },
        line > 0
          ? element(
              'button',
              { type: 'button', class: 'plain small', onclick: () => goTo(message) },
              place,
            )
          : place,
        ` ${type}: ${text}`,
      );
    }),
  );
}

export type ResultState = 'idle' | 'busy' | 'pass' | 'fail';

export interface ResultPanel {
  readonly root: HTMLElement;
  say(state: ResultState, text: string): void;
  show(result: LabResult): void;
}

/** @param goTo called when somebody wants to see a message's line */
export function createResultPanel(goTo: (message: CompilerMessage) => void): ResultPanel {
  const root = element('div', {
    class: 'result',
    role: 'status',
    'data-testid': 'lab-result',
    'data-state': 'idle',
  });
  const put = (state: ResultState, ...parts: (HTMLElement | string | false)[]): void => {
    root.dataset.state = state;
    root.replaceChildren(...parts.filter((part) => part !== false));
  };
  return {
    root,
    say: (state, text) => put(state, element('p', {}, text)),
    show(result) {
      const word = result.ok ? 'PASS' : 'FAIL';
      put(
        result.ok ? 'pass' : 'fail',
        element('p', {}, element('strong', { class: 'verdict' }, word), ` ${verdict(result)}`),
        messageList(result.messages, goTo),
        ...times(result),
      );
    },
  };
}
