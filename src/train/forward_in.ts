import { cast } from '../autograd/cast.ts';
import type { Tape } from '../autograd/tape.ts';
import { Variable } from '../autograd/variable.ts';
import type { Precision } from '../gpu/shader.ts';
import type { Tensor } from '../gpu/tensor.ts';
import type { Module } from '../nn/module.ts';

/**
 * Forward pass with activations stored in `precision`; the parameters are f32 in any case.
 *
 * @param image of f32, owned by `tape`, which may release it: in half precision only its copy is read
 * @returns logits of f32, owned by `tape`
 */
export function forwardIn(
  tape: Tape,
  model: Module,
  image: Tensor,
  precision: Precision = 'f32',
): Variable {
  if (precision === 'f32') return model.forward(tape, new Variable(image));
  const x = cast(tape, new Variable(image), precision);
  tape.release(image);
  return tape.block((inner) => cast(inner, model.forward(inner, x), 'f32'));
}
