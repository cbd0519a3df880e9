/** A training in the page, as a person starts it. */
import type { App, Outcome } from './driver.ts';

export interface Trained extends Outcome {
  /** Every loss that the page showed, in its order. */
  readonly losses: readonly number[];
}

/** Trains so many steps on the scans and label maps that the page has. */
export async function trainInPage(app: App, steps: number): Promise<Trained> {
  await app.hook('train-steps').fill(String(steps));
  await app.page.evaluate(() => {
    const loss = document.querySelector('[data-testid=loss]')!;
    const seen: string[] = [];
    new MutationObserver(() => {
      seen.push(loss.textContent ?? '');
      (loss as HTMLElement).dataset.seen = seen.join(' ');
    }).observe(loss, { childList: true, characterData: true, subtree: true });
  });
  const outcome = await app.outcome(() => app.hook('train').click());
  const seen = (await app.hook('loss').getAttribute('data-seen')) ?? '';
  const losses = seen.split(' ').map(Number).filter(Number.isFinite);
  return { ...outcome, losses };
}

/** Means of the first and of the last values: single steps jump. */
export function ends(losses: readonly number[], count: number): [first: number, last: number] {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  return [mean(losses.slice(0, count)), mean(losses.slice(-count))];
}
