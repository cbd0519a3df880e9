/** Checks of both kinds of convolution: three passes, each by every kernel that suits the adapter. */
import type { Scope } from '../../src/gpu/scope.ts';
import type { Tensor } from '../../src/gpu/tensor.ts';
import { convFlops } from '../../src/kernels/variants/conv_flops.ts';
import { type ConvOp, type ConvPass, VARIANTS } from '../../src/kernels/variants/registry.ts';
import { type ConvInputs, traitsOf } from '../../src/kernels/variants/variant.ts';
import { type ConvSizes, convOutputShape } from '../../src/shape.ts';
import type { Launch } from '../case.ts';
import type { Check } from './check.ts';

/** Values that the plain loops compute from. */
export interface ConvValues {
  readonly x: Float32Array;
  readonly weight: Float32Array;
  readonly bias: Float32Array;
  readonly dy: Float32Array;
}

export interface ConvCheck {
  readonly op: ConvOp;
  readonly title: string;
  /** As the op's launchers have them. */
  readonly sizes: ConvSizes;
  readonly weightShape: readonly number[];
  /** A pass as the library runs it. */
  readonly shipped: Readonly<Record<ConvPass, (scope: Scope, inputs: ConvInputs) => Tensor>>;
  readonly plain: Readonly<Record<ConvPass, (values: ConvValues) => Float32Array>>;
}

/** Of the largest value: float32 sums of many thousand products, as the benchmark allows. */
const TOLERANCE_OF_SUMS = 1e-4;
/** Products of a sum from which that is allowed. */
const MANY = 10_000;

export function convolutionChecks(conv: ConvCheck): Check[] {
  const { op, title, sizes, weightShape } = conv;
  const { batch, inChannels, outChannels, input } = sizes;
  const xShape = [batch, inChannels, ...input];
  const flops = convFlops(sizes);
  return (['forward', 'backward_input', 'backward_weight'] as const).map((pass) => ({
    op,
    pass,
    title,
    tolerance: flops > MANY * 1000 ? TOLERANCE_OF_SUMS : 1e-5,
    half: true,
    flops,
    setUp: (inputs) => {
      const x = inputs.activation(xShape, 1);
      const weight = inputs.parameter(weightShape, 2);
      const bias = inputs.parameter([outChannels], 3);
      const dy = inputs.activation(convOutputShape(sizes), 4);
      // Each pass reads two of the three large ones.
      const unused = { forward: dy, backward_input: x, backward_weight: weight }[pass];
      inputs.bytes -= unused.tensor.bytes;
      const tensors: ConvInputs = {
        x: x.tensor,
        weight: weight.tensor,
        bias: bias.tensor,
        dy: dy.tensor,
      };
      const traits = traitsOf(inputs.scope.gpu, x.tensor.dtype);
      const kernels = VARIANTS[op][pass].filter(({ suits }) => suits(traits, sizes));
      const named = kernels.map(({ name, run }): [string, Launch] => [
        name,
        (scope) => [run(scope, tensors, sizes)],
      ]);
      const values: ConvValues = {
        x: x.values,
        weight: weight.values,
        bias: bias.values,
        dy: dy.values,
      };
      return {
        variants: {
          shipped: (scope) => [conv.shipped[pass](scope, tensors)],
          ...Object.fromEntries(named),
        },
        expected: () => [conv.plain[pass](values)],
      };
    },
  }));
}
