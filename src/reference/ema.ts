/** Moving average of weights. @see torch.optim.swa_utils.get_ema_avg_fn */

/** One more value, in place. The arrays have one length. */
export function emaStep(average: Float32Array, value: Float32Array, decay: number): void {
  for (let n = 0; n < average.length; n++) {
    average[n] = decay * average[n]! + (1 - decay) * value[n]!;
  }
}

/** Each takes the other's values. The arrays have one length. */
export function emaSwap(a: Float32Array, b: Float32Array): void {
  const kept = a.slice();
  a.set(b);
  b.set(kept);
}
