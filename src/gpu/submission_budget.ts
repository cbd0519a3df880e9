/**
 * When to end a submission, so that a GPU that draws a screen is not kept from it. What a dispatch
 * will take is predicted from its arithmetic and its bytes; the two rates are learnt from how long
 * submissions took.
 */

/** What a dispatch does, as far as its launcher says. */
export interface Work {
  /** Multiplications and additions. */
  readonly flops: number;
  /** Of all tensors that it is given. */
  readonly bytes: number;
}

/** Work of one shader. */
export interface NamedWork extends Work {
  readonly name: string;
}

/** Milliseconds that one submission may be predicted to take. */
const BUDGET_MS = 250;
/** A weak integrated GPU, for the first submissions. */
const FIRST_FLOPS_PER_MS = 25e6;
const FIRST_BYTES_PER_MS = 5e6;
/** An observation is made of so much: below that the way to the GPU and back takes the time. */
const MIN_PREDICTED_MS = 5;
const MIN_ELAPSED_MS = 100;
/** One observation counts for at most this factor, as a program that is busy elsewhere hears late. */
const LARGEST_ERROR = 4;
/** Part of the error, on a logarithmic scale, that one observation corrects. */
const LEARNING_RATE = 0.5;

export class SubmissionBudget {
  private readonly now: () => number;
  private msPerFlop = 1 / FIRST_FLOPS_PER_MS;
  private msPerByte = 1 / FIRST_BYTES_PER_MS;
  /** Of the submission that is being recorded. */
  private open = { flops: 0, bytes: 0 };
  /** Of finished submissions that no observation was made of yet, and how long they took. */
  private finished = { flops: 0, bytes: 0 };
  private elapsed = 0;
  /** Since when the GPU works on what it works on now. */
  private busySince = 0;
  private running = 0;
  /** The largest dispatch of each shader. */
  private readonly largest = new Map<string, Work>();

  /** @param now a clock in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.now = now;
  }

  /** Milliseconds that `work` will take: arithmetic and memory one after the other, to be careful. */
  predict({ flops, bytes }: Work): number {
    return flops * this.msPerFlop + bytes * this.msPerByte;
  }

  /**
   * Whether a dispatch may join the open submission. A dispatch that is predicted to take more than
   * the budget cannot be split: it becomes a submission of its own.
   */
  fits(work: Work): boolean {
    return this.predict(this.open) + this.predict(work) <= BUDGET_MS;
  }

  add({ name, flops, bytes }: NamedWork): void {
    this.open.flops += flops;
    this.open.bytes += bytes;
    const known = this.largest.get(name);
    if (known && this.predict(known) >= this.predict({ flops, bytes })) return;
    this.largest.set(name, { flops, bytes });
  }

  /** The dispatch so far that is predicted to take longest, by what is learnt until now. */
  get longest(): { readonly name: string; readonly milliseconds: number } | undefined {
    const all = [...this.largest].map(([name, work]) => ({
      name,
      milliseconds: this.predict(work),
    }));
    return all.sort((a, b) => b.milliseconds - a.milliseconds)[0];
  }

  /** Ends the open submission. Call what it returns when the GPU is done with it, in order. */
  submit(): () => void {
    const { flops, bytes } = this.open;
    this.open = { flops: 0, bytes: 0 };
    if (this.running++ === 0) this.busySince = this.now();
    return () => {
      const now = this.now();
      this.running--;
      this.finished.flops += flops;
      this.finished.bytes += bytes;
      this.elapsed += now - this.busySince;
      this.busySince = now;
      this.observe();
    };
  }

  private observe(): void {
    const { finished, elapsed } = this;
    const predicted = this.predict(finished);
    if (predicted === 0 || (predicted < MIN_PREDICTED_MS && elapsed < MIN_ELAPSED_MS)) return;
    const error = Math.min(LARGEST_ERROR, Math.max(1 / LARGEST_ERROR, elapsed / predicted));
    // Whichever of the two took more of the prediction is held responsible for more of its error.
    const arithmetic = (finished.flops * this.msPerFlop) / predicted;
    this.msPerFlop *= error ** (LEARNING_RATE * arithmetic);
    this.msPerByte *= error ** (LEARNING_RATE * (1 - arithmetic));
    this.finished = { flops: 0, bytes: 0 };
    this.elapsed = 0;
  }
}
