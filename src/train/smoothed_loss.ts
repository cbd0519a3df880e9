/**
 * Exponential moving average of the training loss without its bias towards zero; it goes on
 * across the epochs of one fit.
 *
 * @see fastai AvgSmoothLoss(beta=0.98)
 */
export class SmoothedLoss {
  private readonly beta: number;
  private average = 0;
  private steps = 0;

  constructor(beta = 0.98) {
    this.beta = beta;
  }

  /** Take one batch's loss in; returns the new value. */
  update(loss: number): number {
    this.average = this.beta * this.average + (1 - this.beta) * loss;
    this.steps++;
    return this.value;
  }

  /** NaN before the first batch. */
  get value(): number {
    return this.average / (1 - this.beta ** this.steps);
  }

  reset(): void {
    this.average = 0;
    this.steps = 0;
  }
}
