/**
 * What a transposed 3D convolution is: every voxel a of x is spread over the output by the kernel,
 * tap k landing on a * stride - padding + k. The gradients read the same products in the other two
 * directions. Dumoulin and Visin 2016, section 4.
 */
import type { ConvSizes } from '../shape.ts';

/** Calls `visit(x index, weight index, y index)` for every product that is summed. */
function forEachProduct(
  { batch, inChannels, outChannels, input, output, kernel, stride, padding }: ConvSizes,
  visit: (x: number, weight: number, y: number) => void,
): void {
  for (let n = 0; n < batch; n++)
    for (let c = 0; c < inChannels; c++)
      for (let d = 0; d < input[0]; d++)
        for (let h = 0; h < input[1]; h++)
          for (let w = 0; w < input[2]; w++) {
            const x = (((n * inChannels + c) * input[0] + d) * input[1] + h) * input[2] + w;
            for (let o = 0; o < outChannels; o++)
              for (let i = 0; i < kernel[0]; i++)
                for (let j = 0; j < kernel[1]; j++)
                  for (let k = 0; k < kernel[2]; k++) {
                    const yd = d * stride[0] - padding[0] + i;
                    const yh = h * stride[1] - padding[1] + j;
                    const yw = w * stride[2] - padding[2] + k;
                    if (yd < 0 || yd >= output[0] || yh < 0 || yh >= output[1]) continue;
                    if (yw < 0 || yw >= output[2]) continue;
                    visit(
                      x,
                      (((c * outChannels + o) * kernel[0] + i) * kernel[1] + j) * kernel[2] + k,
                      (((n * outChannels + o) * output[0] + yd) * output[1] + yh) * output[2] + yw,
                    );
                  }
          }
}

/** x: [N, Cin, D, H, W], weight: [Cin, Cout, kd, kh, kw], bias: [Cout] -> y: [N, Cout, D', H', W'] */
export function convTranspose3dForward(
  x: Float32Array,
  weight: Float32Array,
  bias: Float32Array | null,
  sizes: ConvSizes,
): Float32Array {
  const { batch, outChannels, output } = sizes;
  const voxels = output[0] * output[1] * output[2];
  const y = new Float64Array(batch * outChannels * voxels);
  if (bias) {
    for (let n = 0; n < y.length; n++) y[n] = bias[Math.floor(n / voxels) % outChannels]!;
  }
  forEachProduct(sizes, (a, b, c) => {
    y[c]! += x[a]! * weight[b]!;
  });
  return Float32Array.from(y);
}

/** dx: like x */
export function convTranspose3dBackwardInput(
  weight: Float32Array,
  dy: Float32Array,
  sizes: ConvSizes,
): Float32Array {
  const { batch, inChannels, input } = sizes;
  const dx = new Float64Array(batch * inChannels * input[0] * input[1] * input[2]);
  forEachProduct(sizes, (a, b, c) => {
    dx[a]! += weight[b]! * dy[c]!;
  });
  return Float32Array.from(dx);
}

/** dweight: like weight, dbias: [Cout] */
export function convTranspose3dBackwardWeight(
  x: Float32Array,
  dy: Float32Array,
  sizes: ConvSizes,
): { dweight: Float32Array; dbias: Float32Array } {
  const { inChannels, outChannels, kernel, output } = sizes;
  const dweight = new Float64Array(inChannels * outChannels * kernel[0] * kernel[1] * kernel[2]);
  const dbias = new Float64Array(outChannels);
  const voxels = output[0] * output[1] * output[2];
  forEachProduct(sizes, (a, b, c) => {
    dweight[b]! += x[a]! * dy[c]!;
  });
  for (let n = 0; n < dy.length; n++) dbias[Math.floor(n / voxels) % outChannels]! += dy[n]!;
  return { dweight: Float32Array.from(dweight), dbias: Float32Array.from(dbias) };
}
