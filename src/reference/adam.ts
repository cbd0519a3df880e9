/** fastai's Adam, one step in place. Kingma and Ba 2015 with decoupled weight decay. */
export interface AdamNumbers {
  readonly lr: number;
  readonly momentum: number;
  readonly sqrMomentum: number;
  readonly eps: number;
  readonly weightDecay: number;
  readonly step: number;
}

/** All arrays have one length; `step` counts from 1. */
export function adamStep(
  parameter: Float32Array,
  gradient: Float32Array,
  gradAvg: Float32Array,
  sqrAvg: Float32Array,
  { lr, momentum, sqrMomentum, eps, weightDecay, step }: AdamNumbers,
): void {
  for (let n = 0; n < parameter.length; n++) {
    const g = gradient[n]!;
    const decayed = parameter[n]! * (1 - lr * weightDecay);
    gradAvg[n] = momentum * gradAvg[n]! + (1 - momentum) * g;
    sqrAvg[n] = sqrMomentum * sqrAvg[n]! + (1 - sqrMomentum) * g ** 2;
    // The momentum of this step, not a product over the steps so far.
    const stepSize = lr / (1 - momentum ** step);
    const mean = Math.sqrt(sqrAvg[n]! / (1 - sqrMomentum ** step));
    parameter[n] = decayed - (stepSize * gradAvg[n]!) / (mean + eps);
  }
}
