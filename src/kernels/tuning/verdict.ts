/** From measured times to a choice: the default keeps its place unless it is clearly beaten. */

export interface Timed {
  readonly name: string;
  /** Milliseconds, at least one. */
  readonly samples: readonly number[];
}

export interface Verdict {
  readonly name: string;
  /** Time of the default over that of the choice. */
  readonly gain: number;
  /** Faster than the default by its median, but not by more than the noise. */
  readonly refused?: string;
}

/** A kernel must be this much faster than the default. */
const LEAST_GAIN = 1.05;

/** Value below which the share `part` of the sorted values lies, interpolated. */
function quantile(sorted: readonly number[], part: number): number {
  const at = part * (sorted.length - 1);
  const low = sorted[Math.floor(at)]!;
  const high = sorted[Math.ceil(at)]!;
  return low + (at - Math.floor(at)) * (high - low);
}

/** Median, and the distance of the quartiles as the noise. */
function summary({ samples }: Timed): { median: number; noise: number } {
  const sorted = [...samples].sort((a, b) => a - b);
  return { median: quantile(sorted, 0.5), noise: quantile(sorted, 0.75) - quantile(sorted, 0.25) };
}

/**
 * The fastest of `timed`, if it beats the first, the default, by more than 5 % and by more than the
 * noise of both together; else the default.
 */
export function verdictOf(timed: readonly Timed[]): Verdict {
  const [first, ...others] = timed;
  const standard = summary(first!);
  let best: Verdict = { name: first!.name, gain: 1 };
  let refused: Verdict | undefined;
  for (const other of others) {
    const { median, noise } = summary(other);
    const gain = standard.median / median;
    if (gain <= LEAST_GAIN) continue;
    if (standard.median - median <= standard.noise + noise) {
      if (gain > (refused?.gain ?? 0)) refused = { name: other.name, gain };
    } else if (gain > best.gain) best = { name: other.name, gain };
  }
  const isRefusal = best.name === first!.name && refused;
  return isRefusal ? { ...best, refused: refused!.name } : best;
}
