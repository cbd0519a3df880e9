/** An order in which the kernels can be read, each station a link into the lab. */
import type { Choice } from '../../../bench/lab/session.ts';
import { element } from '../../common/element.ts';
import { writeAddress } from './address.ts';

interface Station {
  readonly choice: Pick<Choice, 'op' | 'pass'> & { readonly variant?: string };
  readonly name: string;
  readonly why: string;
}

const STATIONS: readonly Station[] = [
  {
    choice: { op: 'relu', pass: 'forward' },
    name: 'relu',
    why: 'the smallest kernel: one thread per element. Change the comparison, run, and see what a check says.',
  },
  {
    choice: { op: 'conv3d', pass: 'forward', variant: 'naive' },
    name: 'conv3d, naive',
    why: 'the seven loops of the definition; the outer ones have become threads.',
  },
  {
    choice: { op: 'conv3d', pass: 'backward_weight', variant: 'naive' },
    name: 'its gradient',
    why: 'the same products, summed along the other axes.',
  },
  {
    choice: { op: 'conv3d', pass: 'forward', variant: 'shipped' },
    name: 'conv3d, shipped',
    why: 'registers and shared memory: what the library takes on this adapter, for the same numbers.',
  },
  {
    choice: { op: 'instance_norm', pass: 'forward' },
    name: 'instance_norm',
    why: 'a sum over a whole volume in a fixed order, in two steps, without atomics.',
  },
  {
    choice: { op: 'instance_norm_prelu', pass: 'backward' },
    name: 'instance_norm_prelu',
    why: 'three ops in one: what is saved is the way to memory.',
  },
  {
    choice: { op: 'dice_ce', pass: 'forward' },
    name: 'dice_ce',
    why: 'what is minimised, and how a mask of a few voxels is not lost in it.',
  },
  {
    choice: { op: 'adam', pass: 'step' },
    name: 'adam',
    why: 'where the gradient becomes a step.',
  },
];

/** Fills `root`. */
export function showReadingOrder(root: HTMLElement): void {
  root.append(
    element(
      'ol',
      {},
      ...STATIONS.map(({ choice, name, why }) => {
        const { op, pass, variant = 'shipped' } = choice;
        const href = writeAddress({ op, pass, variant, title: '', precision: 'f32' });
        return element('li', {}, element('a', { href }, name), `: ${why}`);
      }),
    ),
    element(
      'p',
      { class: 'quiet' },
      'The way through the rest of the code, from a convolution to a segmented scan, is ',
      element('code', {}, 'docs/reading_order.md'),
      ' in the repository. Every op is its name: search for it, and you find all files of it and no others.',
    ),
  );
}
