/** What stands in voxels beyond the volume. Source: TorchIO's Pad, which names NumPy's pad modes. */
import { ConfigError } from '../../errors.ts';
import type { Volume } from '../../io/volume.ts';

/**
 * A number; a statistic of the whole image; or a continuation: `edge` aaa|abc, `reflect` cb|abc
 * (one voxel reflects as itself), `symmetric` ba|abc, `wrap` bc|abc.
 */
export type PaddingMode =
  | number
  | 'minimum'
  | 'maximum'
  | 'mean'
  | 'median'
  | 'edge'
  | 'reflect'
  | 'symmetric'
  | 'wrap';

const STATISTICS: readonly unknown[] = ['minimum', 'maximum', 'mean', 'median'];
const CONTINUATIONS: readonly unknown[] = ['edge', 'reflect', 'symmetric', 'wrap'];

/** Throws ConfigError unless `mode` is one of the modes above. */
export function checkPaddingMode(mode: unknown): asserts mode is PaddingMode {
  if (typeof mode === 'number' && !Number.isNaN(mode)) return;
  if (STATISTICS.includes(mode) || CONTINUATIONS.includes(mode)) return;
  throw new ConfigError(
    `pad: unknown padding mode. Got ${JSON.stringify(mode)}. Pass a number or one of ${[...STATISTICS, ...CONTINUATIONS].join(', ')}.`,
  );
}

/** Per output index of one axis, the input index it copies; -1 where the mode is a value. */
export function paddingSource(
  size: number,
  before: number,
  total: number,
  mode: PaddingMode,
): Int32Array {
  checkPaddingMode(mode);
  return Int32Array.from({ length: total }, (_, out) => {
    const index = out - before;
    if (index >= 0 && index < size) return index;
    if (mode === 'edge') return index < 0 ? 0 : size - 1;
    if (mode === 'wrap') return modulo(index, size);
    if (mode === 'symmetric') {
      const folded = modulo(index, 2 * size);
      return folded < size ? folded : 2 * size - 1 - folded;
    }
    if (mode === 'reflect') {
      const folded = modulo(index, Math.max(1, 2 * size - 2));
      return folded < size ? folded : 2 * size - 2 - folded;
    }
    return -1;
  });
}

/** The constant of a value mode, over all channels; 0 for continuations, which do not use it. */
export function paddingValue({ data }: Volume, mode: PaddingMode): number {
  if (typeof mode === 'number') return mode;
  if (mode === 'median') {
    const sorted = data.slice().sort();
    return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
  }
  if (!STATISTICS.includes(mode)) return 0;
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (const value of data) {
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
    sum += value;
  }
  if (mode === 'mean') return sum / data.length;
  return mode === 'minimum' ? minimum : maximum;
}

function modulo(a: number, n: number): number {
  return ((a % n) + n) % n;
}
