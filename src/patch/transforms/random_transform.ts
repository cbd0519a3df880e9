import type { Rng } from '../../rng.ts';
import { checkProbability } from './ranges.ts';
import type { Transform, TransformSpec } from './transform.ts';

/** A transform that draws first and then does what was drawn. */
export function randomTransform(
  spec: TransformSpec,
  draw: NonNullable<Transform['draw']>,
): Transform {
  return {
    ...spec,
    draw,
    apply: (subject, rng) => draw(subject.image, rng)?.apply(subject, rng) ?? subject,
  };
}

/**
 * The same with probability `p`, which is decided before anything else is drawn.
 *
 * @throws ConfigError naming `caller` for a `p` outside [0, 1]
 */
export function withProbability(
  p: number,
  caller: string,
  draw: (grid: Parameters<NonNullable<Transform['draw']>>[0], rng: Rng) => Transform,
): NonNullable<Transform['draw']> {
  checkProbability(p, caller, 'p');
  return (grid, rng) => (rng.uniform() < p ? draw(grid, rng) : null);
}
