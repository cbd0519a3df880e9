/**
 * Dice plus cross-entropy of softmax probabilities against integer labels.
 * MONAI `DiceCELoss(to_onehot_y=True, softmax=True)`; Milletari et al. 2016.
 */
export interface DiceCeOptions {
  readonly includeBackground?: boolean;
  readonly squaredPred?: boolean;
  readonly jaccard?: boolean;
  readonly batch?: boolean;
  readonly reduction?: 'mean' | 'sum';
  readonly weight?: ArrayLike<number>;
  readonly lambdaDice?: number;
  readonly lambdaCe?: number;
  readonly smoothNr?: number;
  readonly smoothDr?: number;
}

export interface Layout {
  readonly batch: number;
  readonly classes: number;
  readonly voxels: number;
}

const defaults = {
  includeBackground: true,
  squaredPred: false,
  jaccard: false,
  batch: false,
  reduction: 'mean',
  lambdaDice: 1,
  lambdaCe: 1,
  smoothNr: 1e-5,
  smoothDr: 1e-5,
} as const;

/** Probabilities of one voxel, and -log of the label's. */
function voxelSoftmax(
  logits: Float32Array,
  start: number,
  { classes, voxels }: Layout,
): { p: number[]; negativeLog: (label: number) => number } {
  const x = Array.from({ length: classes }, (_, c) => logits[start + c * voxels]!);
  const largest = Math.max(...x);
  const total = x.reduce((sum, value) => sum + Math.exp(value - largest), 0);
  return {
    p: x.map((value) => Math.exp(value - largest) / total),
    negativeLog: (label) => Math.log(total) - (x[label]! - largest),
  };
}

/**
 * logits: [N, C, voxels], labels: [N, voxels]. `dice` and `ce` are the terms before the lambdas,
 * `dlogits` the gradient of `loss`.
 */
export function diceCe(
  logits: Float32Array,
  labels: ArrayLike<number>,
  layout: Layout,
  options: DiceCeOptions = {},
): { loss: number; dice: number; ce: number; dlogits: Float32Array } {
  const { batch, classes, voxels } = layout;
  const o = { ...defaults, ...options };
  const weightOf = (c: number) => options.weight?.[c] ?? 1;
  const first = o.includeBackground ? 0 : 1;
  const groupOf = (n: number) => (o.batch ? 0 : n);
  const groups = o.batch ? 1 : batch;
  const cells = groups * classes;
  const intersection = new Float64Array(cells);
  const prediction = new Float64Array(cells);
  const groundTruth = new Float64Array(cells);
  let crossEntropy = 0;
  let weights = 0;
  for (let n = 0; n < batch; n++) {
    for (let v = 0; v < voxels; v++) {
      const label = labels[n * voxels + v]!;
      const { p, negativeLog } = voxelSoftmax(logits, n * classes * voxels + v, layout);
      for (let c = 0; c < classes; c++) {
        const cell = groupOf(n) * classes + c;
        const t = c === label ? 1 : 0;
        intersection[cell]! += p[c]! * t;
        prediction[cell]! += o.squaredPred ? p[c]! ** 2 : p[c]!;
        groundTruth[cell]! += t;
      }
      crossEntropy += weightOf(label) * negativeLog(label);
      weights += weightOf(label);
    }
  }

  // Per cell, f = w * (1 - (2 I + nr) / (D + dr)), and its slopes by I and by P.
  const bySum = o.reduction === 'sum';
  const share = bySum ? 1 : 1 / (groups * (classes - first));
  const byIntersection = new Float64Array(cells);
  const byPrediction = new Float64Array(cells);
  let dice = 0;
  for (let cell = 0; cell < cells; cell++) {
    const c = cell % classes;
    if (c < first) continue;
    const [i, p, g] = [intersection[cell]!, prediction[cell]!, groundTruth[cell]!];
    const denominator = (o.jaccard ? 2 * (p + g - i) : p + g) + o.smoothDr;
    const ratio = (2 * i + o.smoothNr) / denominator;
    // MONAI leaves the weight out when one class is left.
    const w = share * (classes - first > 1 ? weightOf(c) : 1);
    dice += w * (1 - ratio);
    byIntersection[cell] = (w * ((o.jaccard ? -2 : 0) * ratio - 2)) / denominator;
    byPrediction[cell] = (w * (o.jaccard ? 2 : 1) * ratio) / denominator;
  }
  const divisor = bySum ? 1 : weights;
  const ce = crossEntropy / divisor;

  const dlogits = new Float32Array(logits.length);
  for (let n = 0; n < batch; n++) {
    for (let v = 0; v < voxels; v++) {
      const label = labels[n * voxels + v]!;
      const start = n * classes * voxels + v;
      const { p } = voxelSoftmax(logits, start, layout);
      const g = p.map((value, c) => {
        const cell = groupOf(n) * classes + c;
        return (
          byPrediction[cell]! * (o.squaredPred ? 2 * value : 1) +
          (c === label ? byIntersection[cell]! : 0)
        );
      });
      const mean = p.reduce((sum, value, c) => sum + value * g[c]!, 0);
      for (let c = 0; c < classes; c++) {
        const residual = p[c]! - (c === label ? 1 : 0);
        dlogits[start + c * voxels] =
          o.lambdaDice * p[c]! * (g[c]! - mean) +
          (o.lambdaCe * weightOf(label) * residual) / divisor;
      }
    }
  }
  return { loss: o.lambdaDice * dice + o.lambdaCe * ce, dice, ce, dlogits };
}
