/** Runs the kernels that everything depends on and compares them with the reference loops. */
import {
  conv3dBackwardInput,
  conv3dBackwardWeight,
  conv3dForward,
  conv3dSizes,
  convTranspose3dForward,
  convTranspose3dSizes,
  diceCeForward,
  type Gpu,
  instanceNormForward,
  preluForward,
  type Scope,
  type Tensor,
} from '../node.ts';
import * as referenceConvTranspose3d from '../reference/conv_transpose3d.ts';
import * as referenceConv3d from '../reference/conv3d.ts';
import * as referenceDiceCe from '../reference/dice_ce.ts';
import * as referenceInstanceNorm from '../reference/instance_norm.ts';
import * as referencePrelu from '../reference/prelu.ts';
import { Rng } from '../rng.ts';
import { product } from '../shape.ts';

export interface CheckResult {
  readonly op: string;
  /** Largest difference, relative to the largest value; null when the kernel failed. */
  readonly worst: number | null;
  readonly ok: boolean;
  readonly error?: string;
}

/** Float32 sums of a few hundred products. */
const TOLERANCE = 1e-5;

const X = [2, 5, 6, 7, 9];
const WEIGHT = [8, 5, 3, 3, 3];
const UP = [5, 8, 3, 3, 3];

function random(shape: readonly number[], seed: number): Float32Array {
  const rng = Rng.seed(seed);
  return Float32Array.from({ length: product(shape) }, () => rng.normal());
}

interface Check {
  readonly op: string;
  readonly run: (scope: Scope) => { tensor: Tensor; expected: ArrayLike<number> };
}

const CONV = { stride: 2, padding: 1 };
const conv = conv3dSizes('selfCheck', X, WEIGHT, CONV);
const CONV_DY = [conv.batch, conv.outChannels, ...conv.output];
const UP_OPTIONS = { stride: 2, padding: 1, outputPadding: 1 };

const CHECKS: readonly Check[] = [
  {
    op: 'conv3d forward',
    run: (scope) => {
      const [x, weight, bias] = [random(X, 1), random(WEIGHT, 2), random([8], 3)];
      const tensors = [
        scope.upload(x, X),
        scope.upload(weight, WEIGHT),
        scope.upload(bias, [8]),
      ] as const;
      return {
        tensor: conv3dForward(scope, ...tensors, CONV),
        expected: referenceConv3d.conv3dForward(x, weight, bias, conv),
      };
    },
  },
  {
    op: 'conv3d backward_input',
    run: (scope) => {
      const [weight, dy] = [random(WEIGHT, 2), random(CONV_DY, 4)];
      return {
        tensor: conv3dBackwardInput(
          scope,
          X,
          scope.upload(weight, WEIGHT),
          scope.upload(dy, CONV_DY),
          CONV,
        ),
        expected: referenceConv3d.conv3dBackwardInput(weight, dy, conv),
      };
    },
  },
  {
    op: 'conv3d backward_weight',
    run: (scope) => {
      const [x, dy] = [random(X, 1), random(CONV_DY, 4)];
      return {
        tensor: conv3dBackwardWeight(
          scope,
          scope.upload(x, X),
          WEIGHT,
          scope.upload(dy, CONV_DY),
          CONV,
        ),
        expected: referenceConv3d.conv3dBackwardWeight(x, dy, conv).dweight,
      };
    },
  },
  {
    op: 'conv_transpose3d forward',
    run: (scope) => {
      const [x, weight] = [random(X, 1), random(UP, 5)];
      const sizes = convTranspose3dSizes('selfCheck', X, UP, UP_OPTIONS);
      return {
        tensor: convTranspose3dForward(
          scope,
          scope.upload(x, X),
          scope.upload(weight, UP),
          null,
          UP_OPTIONS,
        ),
        expected: referenceConvTranspose3d.convTranspose3dForward(x, weight, null, sizes),
      };
    },
  },
  {
    op: 'instance_norm forward',
    run: (scope) => {
      const x = random(X, 1);
      const sizes = { batch: 2, channels: 5, voxels: 378, eps: 1e-5 };
      return {
        tensor: instanceNormForward(scope, scope.upload(x, X), null, null).y,
        expected: referenceInstanceNorm.instanceNormForward(x, null, null, sizes),
      };
    },
  },
  {
    op: 'prelu forward',
    run: (scope) => {
      const x = random(X, 1);
      const weight = Float32Array.of(0.25);
      return {
        tensor: preluForward(scope, scope.upload(x, X), scope.upload(weight, [1])),
        expected: referencePrelu.preluForward(x, weight, { channels: 5, voxels: 378 }),
      };
    },
  },
  {
    op: 'dice_ce forward',
    run: (scope) => {
      const logits = random([2, 3, 378], 6);
      const labels = Uint32Array.from({ length: 756 }, (_, n) => n % 3);
      const layout = { batch: 2, classes: 3, voxels: 378 };
      return {
        tensor: diceCeForward(
          scope,
          scope.upload(logits, [2, 3, 6, 7, 9]),
          scope.upload(labels, [2, 1, 6, 7, 9]),
        ).loss,
        expected: [referenceDiceCe.diceCe(logits, labels, layout).loss],
      };
    },
  },
];

function worstDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let largest = 0;
  let worst = actual.length === expected.length ? 0 : Number.NaN;
  for (let n = 0; n < expected.length; n++) {
    largest = Math.max(largest, Math.abs(expected[n]!));
    const difference = Math.abs(actual[n]! - expected[n]!);
    // NaN stays NaN: Math.max passes it on.
    worst = Math.max(worst, difference);
  }
  return worst / largest;
}

/** One result per kernel; a failing kernel does not keep the others from running. */
export async function selfCheck(gpu: Gpu): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const { op, run } of CHECKS) {
    try {
      using scope = gpu.scope();
      const { tensor, expected } = run(scope);
      const worst = worstDifference(await gpu.read(tensor), expected);
      const exists = Number.isFinite(worst);
      results.push({ op, worst: exists ? worst : null, ok: exists && worst <= TOLERANCE });
    } catch (error) {
      results.push({ op, worst: null, ok: false, error: (error as Error).message });
    }
  }
  return results;
}
