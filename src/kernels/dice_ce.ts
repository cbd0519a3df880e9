/** Dice plus cross-entropy launchers; the meaning is in `reference/dice_ce.ts`. */
import { ConfigError, ShapeError } from '../errors.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import { product, sameShape, showShape } from '../shape.ts';
import { sumRows } from './sum.ts';

/** Short sums: adding one value thousands of times in f32 rounds the same way each time. */
const VOXELS_PER_THREAD = 64;
const MAX_SPLITS = 16384;

/** Options of MONAI's `DiceCELoss(to_onehot_y=True, softmax=True)`, with its defaults. */
export interface DiceCeOptions {
  /** Whether class 0 counts in the Dice term; it always counts in the cross-entropy. Default true. */
  readonly includeBackground?: boolean;
  /** Squares the probabilities in the denominator. Default false. */
  readonly squaredPred?: boolean;
  /** Soft Jaccard index instead of Dice. Default false. */
  readonly jaccard?: boolean;
  /** One Dice per class over the whole batch instead of one per sample. Default false. */
  readonly batch?: boolean;
  /** Over samples and classes for Dice, over voxels for the cross-entropy. Default 'mean'. */
  readonly reduction?: 'mean' | 'sum';
  /** One value >= 0 per class, for both terms. Default: all 1. */
  readonly weight?: readonly number[];
  /** Factor of the Dice term. Default 1. */
  readonly lambdaDice?: number;
  /** Factor of the cross-entropy term. Default 1. */
  readonly lambdaCe?: number;
  /** Added to the numerator of Dice. Default 1e-5. */
  readonly smoothNr?: number;
  /** Added to the denominator of Dice. Default 1e-5. */
  readonly smoothDr?: number;
}

export interface DiceCeResult {
  /** lambdaDice * dice + lambdaCe * ce, [1]. NaN if a label is not below the number of classes. */
  readonly loss: Tensor;
  /** The Dice term before its factor, [1]. */
  readonly dice: Tensor;
  /** The cross-entropy term before its factor, [1]. */
  readonly ce: Tensor;
  /** What `diceCeBackward` needs of this pass, [2 N C + 1]. */
  readonly slopes: Tensor;
}

interface Layout {
  readonly batch: number;
  readonly classes: number;
  readonly voxels: number;
}

function check(name: string, logits: Tensor, target: Tensor, options: DiceCeOptions): Layout {
  const [batch = 0, classes = 0, ...spatial] = logits.shape;
  if (classes < 2) {
    throw new ShapeError(
      `${name}: softmax needs two classes or more. Got logits ${showShape(logits.shape)} [N,C,...]. Add a background class.`,
    );
  }
  if (!sameShape(target.shape, [batch, 1, ...spatial])) {
    throw new ShapeError(
      `${name}: the target must hold one label per voxel. Got target ${showShape(target.shape)} for logits ${showShape(logits.shape)}. Pass ${showShape([batch, 1, ...spatial])}.`,
    );
  }
  const { weight } = options;
  if (weight && (weight.length !== classes || weight.some((value) => !(value >= 0)))) {
    throw new ConfigError(
      `${name}: weight needs one value of at least 0 per class. Got [${weight}] for ${classes} classes. Pass ${classes} values.`,
    );
  }
  return { batch, classes, voxels: product(spatial) };
}

/** Without class weights the shaders read no weight, but the binding must be filled: any tensor does. */
function uploadWeight(scope: Scope, weight: readonly number[] | undefined, unused: Tensor): Tensor {
  return weight
    ? scope.upload(Float32Array.from(weight), [weight.length], 'diceCe.weight')
    : unused;
}

/**
 * Loss of one batch, reading the logits once.
 *
 * Differs from MONAI: one-channel logits are refused (MONAI drops the softmax with a warning).
 *
 * @param logits [N, C, ...], C >= 2
 * @param target labels 0 .. C-1 as u32, [N, 1, ...]
 * @param name of the caller, for messages
 * @returns tensors owned by `scope`
 * @throws ShapeError for a target that does not fit, ConfigError for a weight that does not
 */
export function diceCeForward(
  scope: Scope,
  logits: Tensor,
  target: Tensor,
  options: DiceCeOptions = {},
  name = 'diceCeForward',
): DiceCeResult {
  const { batch, classes, voxels } = check(name, logits, target, options);
  using scratch = scope.child();
  const weight = uploadWeight(scratch, options.weight, logits);
  const splits = Math.min(MAX_SPLITS, Math.ceil(voxels / VOXELS_PER_THREAD));
  const partial = scratch.tensor([batch, 3 * classes + 1, splits], `${name}.partial`);
  scope.dispatch(wgsl.diceCePartial, {
    params: {
      batch,
      voxels,
      splits,
      squared: Number(options.squaredPred ?? false),
      weighted: Number(options.weight !== undefined),
      not_a_number: Number.NaN,
    },
    buffers: { logits, labels: target, weight, partial },
    consts: { CLASSES: classes },
    threads: batch * splits,
  });
  const sums = sumRows(scratch, partial, batch * (3 * classes + 1));
  const loss = scope.tensor([1], `${name}.loss`);
  const dice = scope.tensor([1], `${name}.dice`);
  const ce = scope.tensor([1], `${name}.ce`);
  const slopes = scope.tensor([2 * batch * classes + 1], `${name}.slopes`);
  const firstClass = options.includeBackground === false ? 1 : 0;
  scope.dispatch(wgsl.diceCeForward, {
    params: {
      batch,
      classes,
      first_class: firstClass,
      batch_dice: Number(options.batch ?? false),
      jaccard: Number(options.jaccard ?? false),
      reduce_sum: Number(options.reduction === 'sum'),
      weighted: Number(options.weight !== undefined),
      // MONAI leaves the weight out of a Dice over a single class.
      dice_weighted: Number(options.weight !== undefined && classes - firstClass > 1),
      smooth_nr: options.smoothNr ?? 1e-5,
      smooth_dr: options.smoothDr ?? 1e-5,
      lambda_dice: options.lambdaDice ?? 1,
      lambda_ce: options.lambdaCe ?? 1,
    },
    buffers: { sums, weight, loss, dice, ce, slopes },
    threads: 1,
  });
  return { loss, dice, ce, slopes };
}

/**
 * Gradient of the loss by the logits, in one pass that writes it over them: at full resolution they
 * are among the largest tensors of a step, and nobody reads them after this.
 *
 * @param logits overwritten
 * @param slopes of `diceCeForward` with the same logits, target and options
 * @param dloss [1]
 * @returns logits, now dlogits; their owner stays the same
 */
export function diceCeBackward(
  scope: Scope,
  logits: Tensor,
  target: Tensor,
  slopes: Tensor,
  dloss: Tensor,
  options: DiceCeOptions = {},
  name = 'diceCeBackward',
): Tensor {
  const { batch, classes, voxels } = check(name, logits, target, options);
  using scratch = scope.child();
  const weight = uploadWeight(scratch, options.weight, dloss);
  scope.dispatch(wgsl.diceCeBackward, {
    params: {
      batch,
      voxels,
      squared: Number(options.squaredPred ?? false),
      weighted: Number(options.weight !== undefined),
    },
    buffers: { logits, labels: target, weight, slopes, dloss },
    consts: { CLASSES: classes },
    threads: batch * voxels,
  });
  return logits;
}
