/** The tutorial's network from the readable kernels alone: what its fast forward pass is checked by. */
import type { Scope } from '../src/gpu/scope.ts';
import type { Tensor } from '../src/gpu/tensor.ts';
import { addForward } from '../src/kernels/add.ts';
import { concatForward } from '../src/kernels/concat.ts';
import { instanceNormForward } from '../src/kernels/instance_norm.ts';
import { preluForward } from '../src/kernels/prelu.ts';
import { CONV_TRANSPOSE3D_FORWARD } from '../src/kernels/variants/conv_transpose3d_forward.ts';
import { CONV3D_FORWARD } from '../src/kernels/variants/conv3d_forward.ts';
import { conv3dSizes, convTranspose3dSizes } from '../src/shape.ts';
import { type Layer, TUTORIAL } from './layers.ts';

const naive = {
  conv3d: CONV3D_FORWARD.at(-1)!,
  conv_transpose3d: CONV_TRANSPOSE3D_FORWARD.at(-1)!,
};

/**
 * @param layers of the patch
 * @param parameters by their names in the network's state
 * @param x [N, 1, D, H, W]
 * @returns logits [N, 2, D, H, W]; they and all activations belong to `scope`
 */
export function naiveUnet(
  scope: Scope,
  layers: readonly Layer[],
  parameters: ReadonlyMap<string, Tensor>,
  x: Tensor,
): Tensor {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const parameter = (name: string): Tensor => parameters.get(name)!;

  const conv = (name: string, input: Tensor): Tensor => {
    const layer = byName.get(name)!;
    const { op, stride, kernel } = layer;
    const [weight, bias] = ['weight', 'bias'].map((kind) =>
      parameter(`${layer.parameter}.${kind}`),
    ) as [Tensor, Tensor];
    const options = { stride, padding: (kernel - 1) / 2 };
    const sizes =
      op === 'conv3d'
        ? conv3dSizes(name, input.shape, weight.shape, options)
        : convTranspose3dSizes(name, input.shape, weight.shape, {
            ...options,
            outputPadding: stride - 1,
          });
    return naive[op].run(scope, { x: input, weight, bias }, sizes);
  };

  const convNormAct = (name: string, input: Tensor): Tensor => {
    const slope = byName.get(name)!.parameter.replace(/conv$/, 'adn.A.weight');
    const { y } = instanceNormForward(scope, conv(name, input), null, null);
    return preluForward(scope, y, parameter(slope));
  };

  const encode = (name: string, input: Tensor): Tensor => {
    const y = convNormAct(`${name}.conv1`, convNormAct(`${name}.conv0`, input));
    return addForward(scope, y, conv(`${name}.residual`, input));
  };

  const level = (depth: number, input: Tensor): Tensor => {
    if (depth + 1 === TUTORIAL.channels.length) return encode('bottom', input);
    const features = encode(`enc${depth}`, input);
    const joined = concatForward(scope, [features, level(depth + 1, features)]);
    const up = convNormAct(`dec${depth}.up`, joined);
    const last = depth === 0 ? conv : convNormAct;
    return addForward(scope, last(`dec${depth}.conv`, up), up);
  };

  return level(0, x);
}
