import { describe, expect, test } from 'vitest';
import { SubmissionBudget, type Work } from '../../src/gpu/submission_budget.ts';

interface Rates {
  readonly flopsPerMs: number;
  readonly bytesPerMs: number;
}

/**
 * A program that records on a GPU of known rates. `hear` is when the program is told what happened
 * until a given time.
 */
class Simulation {
  private clock = 0;
  private gpuFree = 0;
  private heard = 0;
  private submission = 0;
  private dispatches = 0;
  private readonly running: { readonly end: number; readonly done: () => void }[] = [];
  /** Milliseconds of each submission on the GPU, and its dispatches. */
  readonly submissions: { readonly ms: number; readonly dispatches: number }[] = [];
  private readonly budget = new SubmissionBudget(() => this.heard);
  private readonly rates: Rates;

  constructor(rates: Rates) {
    this.rates = rates;
  }

  dispatch({ flops, bytes }: Work): void {
    this.clock += 0.02;
    if (this.dispatches > 0 && !this.budget.fits({ flops, bytes })) this.submit();
    this.budget.add({ name: 'x', flops, bytes });
    this.submission += flops / this.rates.flopsPerMs + bytes / this.rates.bytesPerMs;
    this.dispatches++;
  }

  submit(): void {
    if (this.dispatches === 0) return;
    this.heard = this.clock;
    this.gpuFree = Math.max(this.gpuFree, this.clock) + this.submission;
    this.running.push({ end: this.gpuFree, done: this.budget.submit() });
    this.submissions.push({ ms: this.submission, dispatches: this.dispatches });
    this.submission = 0;
    this.dispatches = 0;
  }

  /** Waits until the GPU is done, then is busy with something else for `late` milliseconds. */
  wait(late = 0): void {
    for (const { end, done } of this.running.splice(0)) {
      this.heard = Math.max(this.heard, this.clock, late > 0 ? this.gpuFree + late : end);
      done();
    }
    this.clock = Math.max(this.clock, this.gpuFree) + late;
  }

  /** A training step: convolutions, and kernels that only move memory. */
  step(dispatches: number, { flops, bytes }: Work, late = 0): number {
    const before = this.submissions.length;
    for (let n = 0; n < dispatches; n++) {
      this.dispatch(n % 2 === 0 ? { flops, bytes } : { flops: 0, bytes });
    }
    this.submit();
    this.wait(late);
    return this.submissions.length - before;
  }

  longest(first: number): number {
    return Math.max(...this.submissions.slice(first).map(({ ms }) => ms));
  }
}

const GPUS: [string, Rates][] = [
  ['a slow GPU', { flopsPerMs: 15e6, bytesPerMs: 4e6 }],
  ['an integrated GPU', { flopsPerMs: 100e6, bytesPerMs: 15e6 }],
  ['a large GPU', { flopsPerMs: 5e9, bytesPerMs: 5e8 }],
  ['a GPU that is good at memory only', { flopsPerMs: 20e6, bytesPerMs: 1e8 }],
];

describe('SubmissionBudget', () => {
  test.each(GPUS)('keeps the submissions of %s within 250 ms', (_, rates) => {
    const gpu = new Simulation(rates);
    for (let n = 0; n < 20; n++) gpu.step(300, { flops: 4e8, bytes: 1e7 });
    // Half as much again while it learns: the first guess is for weak GPUs.
    expect(gpu.longest(0)).toBeLessThan(500);
    const learnt = gpu.submissions.length;
    for (let n = 0; n < 10; n++) gpu.step(300, { flops: 4e8, bytes: 1e7 });
    expect(gpu.longest(learnt)).toBeLessThan(300);
  });

  test('learns to send a step to a fast GPU at once', () => {
    const gpu = new Simulation({ flopsPerMs: 5e9, bytesPerMs: 5e8 });
    const first = gpu.step(300, { flops: 4e8, bytes: 1e7 });
    expect(first).toBeGreaterThan(10);
    for (let n = 0; n < 10; n++) gpu.step(300, { flops: 4e8, bytes: 1e7 });
    expect(gpu.step(300, { flops: 4e8, bytes: 1e7 })).toBe(1);
  });

  test('a dispatch beyond the budget is a submission of its own', () => {
    const gpu = new Simulation({ flopsPerMs: 25e6, bytesPerMs: 5e6 });
    gpu.dispatch({ flops: 1e6, bytes: 0 });
    gpu.dispatch({ flops: 25e6 * 1000, bytes: 0 });
    gpu.dispatch({ flops: 1e6, bytes: 0 });
    gpu.dispatch({ flops: 1e6, bytes: 0 });
    gpu.submit();
    expect(gpu.submissions.map(({ dispatches }) => dispatches)).toEqual([1, 1, 2]);
  });

  test('a program that hears late sends more, but still whole steps', () => {
    const gpu = new Simulation({ flopsPerMs: 1e9, bytesPerMs: 1e8 });
    for (let n = 0; n < 20; n++) gpu.step(300, { flops: 4e8, bytes: 1e7 });
    const before = gpu.submissions.length;
    for (let n = 0; n < 10; n++) gpu.step(300, { flops: 4e8, bytes: 1e7 }, n % 3 === 0 ? 2000 : 0);
    expect(gpu.longest(before)).toBeLessThan(250);
    expect((gpu.submissions.length - before) / 10).toBeLessThanOrEqual(10);
  });

  test('does not take the way to the GPU for its speed', () => {
    const gpu = new Simulation({ flopsPerMs: 5e9, bytesPerMs: 5e8 });
    for (let n = 0; n < 20; n++) gpu.step(300, { flops: 4e8, bytes: 1e7 });
    for (let n = 0; n < 50; n++) {
      gpu.dispatch({ flops: 0, bytes: 400 });
      gpu.submit();
      gpu.wait(1);
    }
    expect(gpu.step(300, { flops: 4e8, bytes: 1e7 })).toBeLessThanOrEqual(2);
  });

  test('knows the longest dispatch, by the rates it has learnt', () => {
    let now = 0;
    const budget = new SubmissionBudget(() => now);
    expect(budget.longest).toBeUndefined();
    budget.add({ name: 'conv3d_forward', flops: 25e9, bytes: 0 });
    budget.add({ name: 'conv3d_forward', flops: 1e6, bytes: 0 });
    budget.add({ name: 'add', flops: 0, bytes: 5e6 });
    expect(budget.longest).toEqual({ name: 'conv3d_forward', milliseconds: 1000 });
    const done = budget.submit();
    now += 10;
    done();
    expect(budget.longest!.milliseconds).toBeLessThan(600);
  });
});
