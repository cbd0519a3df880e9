/**
 * Instance normalisation, then PReLU, then optionally the sum with a residual: what follows most
 * convolutions of the network, as one op. Its definition is the composition of the two.
 */
import {
  type InstanceNormSizes,
  instanceNormBackward,
  instanceNormForward,
} from './instance_norm.ts';
import { preluBackward, preluForward } from './prelu.ts';

/** x: [N, C, voxels], slope: [1] or [C], residual: like x or null -> y like x */
export function instanceNormPreluForward(
  x: Float32Array,
  slope: Float32Array,
  residual: Float32Array | null,
  sizes: InstanceNormSizes,
): Float32Array {
  const y = preluForward(instanceNormForward(x, null, null, sizes), slope, sizes);
  return residual ? y.map((value, n) => value + residual[n]!) : y;
}

/** dx: like x, dslope: like slope; the gradient of the residual is dy */
export function instanceNormPreluBackward(
  x: Float32Array,
  slope: Float32Array,
  dy: Float32Array,
  sizes: InstanceNormSizes,
): { dx: Float32Array; dslope: Float32Array } {
  const normed = instanceNormForward(x, null, null, sizes);
  const { dx: dnormed, dweight: dslope } = preluBackward(normed, slope, dy, sizes);
  return { dx: instanceNormBackward(x, null, dnormed, sizes).dx, dslope };
}
