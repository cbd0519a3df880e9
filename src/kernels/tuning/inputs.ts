/** Tensors to try the kernels of a problem on. */
import type { Problem } from '../../gpu/choices.ts';
import type { Scope } from '../../gpu/scope.ts';
import type { Tensor } from '../../gpu/tensor.ts';
import { convOutputShape, product } from '../../shape.ts';
import { castForward } from '../cast.ts';
import type { ConvInputs } from '../variants/variant.ts';
import { noise } from './noise.ts';

/** Shapes of everything that a pass of `problem` may read. */
export function inputShapes({ op, sizes }: Problem) {
  const { batch, inChannels, outChannels, input, kernel } = sizes;
  const channels = op === 'conv3d' ? [outChannels, inChannels] : [inChannels, outChannels];
  return {
    x: [batch, inChannels, ...input],
    weight: [...channels, ...kernel],
    bias: [outChannels],
    dy: convOutputShape(sizes),
  };
}

/** Tensors of no particular content, for a GPU that does not compute. */
export function emptyInputs(scope: Scope, problem: Problem): ConvInputs {
  const { x, weight, bias, dy } = inputShapes(problem);
  return {
    x: scope.tensor(x, 'tune.x', problem.dtype),
    weight: scope.tensor(weight, 'tune.weight'),
    bias: scope.tensor(bias, 'tune.bias'),
    dy: scope.tensor(dy, 'tune.dy', problem.dtype),
  };
}

/** The same noise every time. What the pass does not read stays away: [1] tensors stand for it. */
export function noiseInputs(scope: Scope, problem: Problem): ConvInputs {
  const { pass, dtype } = problem;
  const shapes = inputShapes(problem);
  const upload = (name: keyof typeof shapes, seed: number, isRead: boolean): Tensor => {
    const shape = isRead ? shapes[name] : [1];
    const values = scope.upload(noise(product(shape), seed), shape, `tune.${name}`);
    const isActivation = name === 'x' || name === 'dy';
    return isActivation && dtype === 'f16' ? castForward(scope, values, 'f16') : values;
  };
  return {
    x: upload('x', 1, pass !== 'backward_input'),
    weight: upload('weight', 2, pass !== 'backward_weight'),
    bias: upload('bias', 3, pass === 'forward'),
    dy: upload('dy', 4, pass !== 'forward'),
  };
}
