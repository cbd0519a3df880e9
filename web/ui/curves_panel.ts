/** Four charts of one run or of several: training loss, validation loss, Dice, learning rate. */
import type { RunSummary } from '../../src/index.ts';
import { Chart, type Line } from '../common/chart.ts';
import { element } from '../common/element.ts';
import type { CurveStore, Curves } from './curve_store.ts';

export interface ColouredRun {
  readonly run: RunSummary;
  readonly colour: string;
}

const counted = (values: readonly unknown[]): number[] => values.map((_, index) => index + 1);

export class CurvesPanel {
  readonly root: HTMLElement;
  private readonly store: CurveStore;
  private readonly logarithmic = element('input', { type: 'checkbox' });
  private readonly charts: Record<'train' | 'valid' | 'dice' | 'lr', Chart>;
  private readonly message = element('p', { class: 'notice', hidden: true });
  private runs: readonly ColouredRun[] = [];
  private drawing = Promise.resolve();

  /** @param sync charts of one panel share their cursor */
  constructor(store: CurveStore, sync: string) {
    this.store = store;
    const isLogarithmic = (): boolean => this.logarithmic.checked;
    this.charts = {
      train: new Chart('Training loss, smoothed', { sync, isLogarithmic }),
      valid: new Chart('Validation loss', { sync, isLogarithmic }),
      dice: new Chart('Validation Dice', { sync, range: [0, 1] }),
      lr: new Chart('Learning rate', { sync }),
    };
    this.logarithmic.addEventListener('change', () => this.redraw());
    this.root = element(
      'div',
      { class: 'curves' },
      element('label', { class: 'choice' }, this.logarithmic, 'logarithmic losses'),
      this.message,
      element('div', { class: 'charts' }, ...Object.values(this.charts).map(({ root }) => root)),
    );
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.redraw());
  }

  /** Shows these runs, their new steps too. */
  show(runs: readonly ColouredRun[]): void {
    this.runs = runs;
    this.redraw();
  }

  private redraw(): void {
    this.drawing = this.drawing.then(() => this.draw());
  }

  private async draw(): Promise<void> {
    const shown = this.runs.filter(({ run }) => run.state !== 'damaged');
    try {
      const curves = await Promise.all(shown.map(({ run }) => this.store.get(run)));
      const steps = Math.max(0, ...curves.map(({ loss }) => loss.length));
      const lines = (of: (curves: Curves, name: string, colour: string) => Line[]): Line[] =>
        shown.flatMap(({ run, colour }, n) => of(curves[n]!, run.name, colour));
      this.charts.train.show(
        lines(({ loss, smoothed }, name, colour) => [
          { name: `${name}, per step`, colour, isFaint: true, x: counted(loss), y: loss },
          { name, colour, x: counted(loss), y: smoothed },
        ]),
        steps,
      );
      for (const [chart, metric] of [
        [this.charts.valid, 'validLoss'],
        [this.charts.dice, 'accumulatedDice'],
      ] as const) {
        chart.show(
          lines(({ epochs }, name, colour) => [
            {
              name,
              colour,
              hasPoints: epochs.length < 40,
              x: epochs.map(({ steps }) => steps),
              y: epochs.map((epoch) => epoch[metric]),
            },
          ]),
          steps,
        );
      }
      this.charts.lr.show(
        lines(({ lr }, name, colour) => [{ name, colour, x: counted(lr), y: lr }]),
        steps,
      );
      this.message.hidden = true;
    } catch (error) {
      this.message.textContent = `The curves cannot be read: ${(error as Error).message}`;
      this.message.hidden = false;
    }
  }
}
