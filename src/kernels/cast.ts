/** Cast launcher; the meaning is in `reference/cast.ts`. */
import { ShapeError } from '../errors.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Precision } from '../gpu/shader.ts';
import type { Tensor } from '../gpu/tensor.ts';
import * as wgsl from '../gpu/wgsl.generated.ts';
import { showShape } from '../shape.ts';

const ELEMENTS_PER_THREAD = 8;

/**
 * The same values stored in another precision. Its gradient is that of y, cast back.
 *
 * @param x f32 or f16
 * @param precision the other one
 * @returns y like x, owned by `scope`; f16 is rounded to nearest, and infinite above 65504
 * @throws ShapeError if x is stored so already, or holds whole numbers
 * @throws GpuError for f16 where the adapter has none
 */
export function castForward(scope: Scope, x: Tensor, precision: Precision): Tensor {
  if (x.dtype === precision || (x.dtype !== 'f32' && x.dtype !== 'f16')) {
    throw new ShapeError(
      `castForward: converts f32 to f16 or f16 to f32. Got '${x.name}' ${showShape(x.shape)} of ${x.dtype} for ${precision}. Pass the other precision.`,
    );
  }
  const y = scope.tensor(x.shape, 'castForward.y', precision);
  const threads = Math.ceil(x.size / ELEMENTS_PER_THREAD);
  const args = { params: { count: x.size, threads }, buffers: { x, y }, threads };
  if (precision === 'f16') scope.dispatch(wgsl.castToElem, args);
  else scope.dispatch(wgsl.castFromElem, args);
  return y;
}
