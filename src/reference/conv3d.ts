/**
 * What a 3D convolution is: seven loops forward, and the same seven loops read in the other two
 * directions for the gradients. Every convolution kernel of this project is held to this file.
 */
import type { ConvSizes } from '../shape.ts';

/** Calls `visit(x index, weight index, y index)` for every product that a convolution sums. */
function forEachProduct(
  { batch, inChannels, outChannels, input, output, kernel, stride, padding, dilation }: ConvSizes,
  visit: (x: number, weight: number, y: number) => void,
): void {
  for (let n = 0; n < batch; n++)
    for (let o = 0; o < outChannels; o++)
      for (let d = 0; d < output[0]; d++)
        for (let h = 0; h < output[1]; h++)
          for (let w = 0; w < output[2]; w++) {
            const y = (((n * outChannels + o) * output[0] + d) * output[1] + h) * output[2] + w;
            for (let c = 0; c < inChannels; c++)
              for (let i = 0; i < kernel[0]; i++)
                for (let j = 0; j < kernel[1]; j++)
                  for (let k = 0; k < kernel[2]; k++) {
                    const xd = d * stride[0] + i * dilation[0] - padding[0];
                    const xh = h * stride[1] + j * dilation[1] - padding[1];
                    const xw = w * stride[2] + k * dilation[2] - padding[2];
                    if (xd < 0 || xd >= input[0] || xh < 0 || xh >= input[1]) continue;
                    if (xw < 0 || xw >= input[2]) continue;
                    visit(
                      (((n * inChannels + c) * input[0] + xd) * input[1] + xh) * input[2] + xw,
                      (((o * inChannels + c) * kernel[0] + i) * kernel[1] + j) * kernel[2] + k,
                      y,
                    );
                  }
          }
}

/** x: [N, Cin, D, H, W], weight: [Cout, Cin, kd, kh, kw], bias: [Cout] -> y: [N, Cout, D', H', W'] */
export function conv3dForward(
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
export function conv3dBackwardInput(
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
export function conv3dBackwardWeight(
  x: Float32Array,
  dy: Float32Array,
  sizes: ConvSizes,
): { dweight: Float32Array; dbias: Float32Array } {
  const { inChannels, outChannels, kernel, output } = sizes;
  const dweight = new Float64Array(outChannels * inChannels * kernel[0] * kernel[1] * kernel[2]);
  const dbias = new Float64Array(outChannels);
  const voxels = output[0] * output[1] * output[2];
  forEachProduct(sizes, (a, b, c) => {
    dweight[b]! += x[a]! * dy[c]!;
  });
  for (let n = 0; n < dy.length; n++) dbias[Math.floor(n / voxels) % outChannels]! += dy[n]!;
  return { dweight: Float32Array.from(dweight), dbias: Float32Array.from(dbias) };
}
