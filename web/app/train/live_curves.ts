/** Loss and Dice of a training under way. */
import type { EpochRecord, TrainProgress, TrainStep } from '../../../src/index.ts';
import { Chart } from '../../common/chart.ts';
import { element } from '../../common/element.ts';
import { runColour } from '../../common/palette.ts';

/** Drawing more often is not seen. */
const MILLISECONDS = 250;

export class LiveCurves {
  readonly root: HTMLElement;
  private readonly loss = new Chart('Training loss', { sync: 'training' });
  private readonly dice = new Chart('Validation Dice', { sync: 'training', range: [0, 1] });
  private steps: TrainStep[] = [];
  private epochs: EpochRecord[] = [];
  private totalSteps = 1;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.root = element('div', { class: 'charts' }, this.loss.root, this.dice.root);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.draw());
    this.draw();
  }

  /** The smoothed loss of the last step. */
  get lastLoss(): number | undefined {
    return this.steps.at(-1)?.smoothed;
  }

  /** The highest Dice so far. */
  get best(): EpochRecord | undefined {
    return this.epochs.findLast(({ isBest }) => isBest);
  }

  clear(): void {
    this.steps = [];
    this.epochs = [];
    this.totalSteps = 1;
    this.draw();
  }

  add({ stage, total, steps, epochs, restart }: TrainProgress): void {
    if (restart) {
      this.steps.length = Math.min(this.steps.length, restart.steps);
      this.epochs.length = Math.min(this.epochs.length, restart.epochs);
    }
    this.steps.push(...steps);
    this.epochs.push(...epochs);
    if (stage === 'training') this.totalSteps = total;
    this.timer ??= setTimeout(() => this.draw(), MILLISECONDS);
  }

  private draw(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const [blue, orange] = [runColour(0), runColour(1)];
    const x = this.steps.map(({ step }) => step + 1);
    this.loss.show(
      [
        {
          name: 'each step',
          colour: blue,
          isFaint: true,
          x,
          y: this.steps.map(({ loss }) => loss),
        },
        { name: 'smoothed', colour: blue, x, y: this.steps.map(({ smoothed }) => smoothed) },
      ],
      this.totalSteps,
    );
    this.dice.show(
      [
        {
          name: 'validation',
          colour: orange,
          hasPoints: true,
          x: this.epochs.map(({ steps }) => steps),
          y: this.epochs.map(({ accumulatedDice }) =>
            Number.isFinite(accumulatedDice) ? accumulatedDice : null,
          ),
        },
      ],
      this.totalSteps,
    );
  }
}
