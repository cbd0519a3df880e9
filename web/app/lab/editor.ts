/** A text field that shows code in colour, with line numbers: a transparent one over a painted one. */
import { element } from '../../common/element.ts';
import { highlight, type Language } from './highlight.ts';

export interface CodeView {
  readonly root: HTMLElement;
  /** Replaces the text. */
  show(text: string, language: Language, title: string): void;
}

/** Numbers of the lines of `text`. */
function numberLines(gutter: HTMLElement, text: string, bad: ReadonlySet<number>): void {
  const count = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  gutter.replaceChildren(
    ...Array.from({ length: count }, (_, n) =>
      element('span', bad.has(n + 1) ? { class: 'bad' } : {}, `${n + 1}\n`),
    ),
  );
}

/** Code to read. */
export function createCodeView(): CodeView {
  const gutter = element('pre', { class: 'gutter', 'aria-hidden': 'true' });
  const code = element('code');
  const root = element(
    'div',
    { class: 'code', tabindex: 0, role: 'region' },
    gutter,
    element('pre', { class: 'paint' }, code),
  );
  return {
    root,
    show(text, language, title) {
      root.setAttribute('aria-label', title);
      numberLines(gutter, text, new Set());
      code.replaceChildren(highlight(text, language));
      root.scrollTo(0, 0);
    },
  };
}

export interface Editor {
  readonly root: HTMLElement;
  /** Shows a text without calling `onInput`. */
  show(text: string, title: string): void;
  /** Marks lines, from 1 on. */
  mark(lines: ReadonlySet<number>): void;
  /** Puts the cursor at the start of a line. */
  goTo(line: number): void;
}

/** Code to change. */
export function createEditor(onInput: (text: string) => void): Editor {
  const gutter = element('pre', { class: 'gutter', 'aria-hidden': 'true' });
  const paint = element('pre', { class: 'paint', 'aria-hidden': 'true' });
  const field = element('textarea', {
    class: 'field',
    spellcheck: 'false',
    autocomplete: 'off',
    autocapitalize: 'off',
    wrap: 'off',
    'data-testid': 'lab-editor',
  });
  const root = element(
    'div',
    { class: 'code' },
    gutter,
    element('div', { class: 'sheet' }, paint, field),
  );
  let bad: ReadonlySet<number> = new Set();
  const draw = (): void => {
    // A last line without text needs height too.
    paint.replaceChildren(highlight(`${field.value}\n`, 'wgsl'));
    numberLines(gutter, field.value, bad);
  };
  field.addEventListener('input', () => {
    bad = new Set();
    draw();
    onInput(field.value);
  });
  return {
    root,
    show(text, title) {
      field.setAttribute('aria-label', title);
      if (field.value !== text) {
        field.value = text;
        root.scrollTo(0, 0);
      }
      bad = new Set();
      draw();
    },
    mark(lines) {
      bad = lines;
      numberLines(gutter, field.value, bad);
    },
    goTo(line) {
      const before = field.value.split('\n').slice(0, line - 1);
      const at = before.reduce((sum, each) => sum + each.length + 1, 0);
      field.focus();
      field.setSelectionRange(at, at);
      gutter.children[line - 1]?.scrollIntoView({ block: 'center' });
    },
  };
}
