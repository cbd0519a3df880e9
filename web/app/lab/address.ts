/** What is chosen, as the part of the address behind `#`, so that a page can link to it. */
import type { Choice } from '../../../bench/lab/session.ts';

const FIRST: Choice = {
  op: 'conv3d',
  pass: 'forward',
  title: '',
  variant: 'naive',
  precision: 'f32',
};

/** `#check` runs the kernel check. */
export const asksForCheck = (hash: string): boolean => hash === '#check';

/** What the address says; what it leaves open is the first of its list. */
export function readAddress(hash: string): Choice {
  const fields = new URLSearchParams(hash.replace(/^#/, ''));
  const op = fields.get('op');
  if (op === null) return FIRST;
  return {
    op,
    pass: fields.get('pass') ?? '',
    title: fields.get('size') ?? '',
    variant: fields.get('variant') ?? 'shipped',
    precision: fields.get('precision') === 'f16' ? 'f16' : 'f32',
  };
}

/** `#op=conv3d&pass=forward&size=...&variant=naive` */
export function writeAddress({ op, pass, title, variant, precision }: Choice): string {
  const fields = new URLSearchParams({ op, pass, size: title, variant });
  if (precision !== 'f32') fields.set('precision', precision);
  return `#${fields}`;
}
