/** Curves of runs, of which only new steps are asked for. */
import { type EpochPoint, type RunSummary, SmoothedLoss } from '../../src/index.ts';
import { runCurves } from './server.ts';

export interface Curves {
  readonly version: string;
  readonly session: string;
  readonly loss: (number | null)[];
  /** As fastai shows it. */
  readonly smoothed: (number | null)[];
  readonly lr: (number | null)[];
  readonly epochs: readonly EpochPoint[];
}

function smooth(loss: readonly (number | null)[]): (number | null)[] {
  const average = new SmoothedLoss();
  return loss.map((value) => (value === null ? null : average.update(value)));
}

export class CurveStore {
  private readonly known = new Map<string, Curves>();

  /** Curves as of the summary's version, from the server where they are new. */
  async get({ id, version }: RunSummary): Promise<Curves> {
    const before = this.known.get(id);
    if (before?.version === version) return before;
    const from = before?.loss.length ?? 0;
    let news = await runCurves(id, from);
    // The run was resumed, and may have done some steps again.
    if (from > 0 && news.session !== before?.session) news = await runCurves(id, 0);
    const keeps = news.from > 0 && before !== undefined;
    const loss = [...(keeps ? before.loss : []), ...news.loss];
    const curves: Curves = {
      version,
      session: news.session,
      loss,
      smoothed: smooth(loss),
      lr: [...(keeps ? before.lr : []), ...news.lr],
      epochs: news.epochs,
    };
    this.known.set(id, curves);
    return curves;
  }
}
