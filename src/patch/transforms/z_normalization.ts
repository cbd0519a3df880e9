import { ConfigError, VoxgradError } from '../../errors.ts';
import { type Volume, type VoxelArray, volume } from '../../io/volume.ts';
import type { Transform } from './transform.ts';

export interface ZNormalizationParams {
  /** Voxels that the statistics use: all, or those above the mean. All voxels are transformed. */
  readonly maskingMethod?: 'mean' | null;
  /** Each channel by its own statistics. */
  readonly channelWise?: boolean;
}

/** Mean and sample standard deviation (n - 1) of the values above `threshold`, in float64. */
function statistics(values: VoxelArray, threshold: number): { mean: number; std: number } {
  let count = 0;
  let sum = 0;
  for (let n = 0; n < values.length; n++) {
    if (!(values[n]! > threshold)) continue;
    count++;
    sum += values[n]!;
  }
  const mean = sum / count;
  let squares = 0;
  for (let n = 0; n < values.length; n++) {
    if (values[n]! > threshold) squares += (values[n]! - mean) ** 2;
  }
  return { mean, std: Math.sqrt(squares / (count - 1)) };
}

function meanOf(values: VoxelArray): number {
  let sum = 0;
  for (let n = 0; n < values.length; n++) sum += values[n]!;
  return sum / values.length;
}

function normalizeInto(out: Float32Array, values: VoxelArray, masked: boolean, name: string): void {
  // -Infinity keeps every voxel, NaN included by way of the mean: the check below reports it.
  const overall = meanOf(values);
  const { mean, std } = statistics(values, masked ? overall : Number.NEGATIVE_INFINITY);
  if (!(std > 0 && std < Number.POSITIVE_INFINITY) || !Number.isFinite(overall)) {
    throw new VoxgradError(
      `ZNormalization: the image '${name}' cannot be normalised. Its mean is ${overall} and its standard deviation ${std} over ${values.length} voxels. Leave out constant images and images with NaN or infinite voxels.`,
    );
  }
  for (let n = 0; n < values.length; n++) out[n] = (values[n]! - mean) / std;
}

/**
 * Mean 0 and standard deviation 1 for the image; the label map passes through.
 *
 * @returns a transform to float32; it throws VoxgradError for a constant or non-finite image
 * @throws ConfigError for an unknown masking method, or a `channelWise` that is no boolean
 * @see TorchIO ZNormalization(masking_method=None | ZNormalization.mean)
 */
export function zNormalization({
  maskingMethod = null,
  channelWise = true,
}: ZNormalizationParams = {}): Transform {
  if (maskingMethod !== null && maskingMethod !== 'mean') {
    throw new ConfigError(
      `zNormalization: unknown masking method. Got ${JSON.stringify(maskingMethod)}. Pass null or 'mean'.`,
    );
  }
  if (typeof channelWise !== 'boolean') {
    throw new ConfigError(
      `zNormalization: channelWise is neither true nor false. Got ${JSON.stringify(channelWise)}. Pass a boolean.`,
    );
  }
  const normalize = ({ data, shape, affine }: Volume, name: string): Volume => {
    const out = new Float32Array(data.length);
    const part = channelWise ? data.length / shape[0] : data.length;
    for (let from = 0; from < data.length; from += part) {
      const to = from + part;
      normalizeInto(
        out.subarray(from, to),
        data.subarray(from, to),
        maskingMethod === 'mean',
        name,
      );
    }
    return volume(out, shape, affine);
  };
  return {
    name: 'ZNormalization',
    params: { maskingMethod, channelWise },
    apply: (subject) => ({ ...subject, image: normalize(subject.image, subject.name) }),
  };
}
