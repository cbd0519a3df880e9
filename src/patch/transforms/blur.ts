/** Gaussian smoothing. Source: TorchIO's Blur, which is scipy.ndimage.gaussian_filter. */
import { ConfigError } from '../../errors.ts';
import { spacingOf } from '../../io/affine.ts';
import { spatialShape, type Volume, type VoxelArray, volume, voxelsLike } from '../../io/volume.ts';
import { product, showShape, type Triple } from '../../shape.ts';
import { paddingSource } from './padding_mode.ts';
import { numbersOf } from './ranges.ts';
import type { Transform } from './transform.ts';

/** The kernel ends at this many standard deviations. */
const TRUNCATE = 4;

/** Standard deviations, in voxels, up to which an axis stays as it is. */
const NO_BLUR = 1e-15;

/** Voxels on each side that a kernel of `sigma` voxels reaches. */
export function gaussianRadius(sigma: number): number {
  return Math.trunc(TRUNCATE * sigma + 0.5);
}

/** Weights of distances 0, 1, ... voxels; the kernel, both sides of it, sums to 1. */
function gaussianWeights(sigma: number): Float64Array {
  const radius = gaussianRadius(sigma);
  const weights = Float64Array.from({ length: radius + 1 }, (_, distance) =>
    Math.exp((-0.5 / sigma ** 2) * distance ** 2),
  );
  let sum = weights[0]!;
  for (let distance = 1; distance <= radius; distance++) sum += 2 * weights[distance]!;
  return weights.map((weight) => weight / sum);
}

/** Along one axis of `size` voxels that lie `stride` elements apart. */
function blurAxis(x: VoxelArray, size: number, stride: number, sigma: number): VoxelArray {
  const weights = gaussianWeights(sigma);
  const radius = weights.length - 1;
  // Beyond the border the volume is mirrored, its last voxel repeated.
  const source = paddingSource(size, radius, size + 2 * radius, 'symmetric');
  const y = voxelsLike(x, x.length);
  const sums = new Float64Array(stride);
  for (let first = 0; first < x.length; first += size * stride) {
    for (let index = 0; index < size; index++) {
      const at = first + index * stride;
      for (let s = 0; s < stride; s++) sums[s] = weights[0]! * x[at + s]!;
      for (let distance = 1; distance <= radius; distance++) {
        const weight = weights[distance]!;
        const before = first + source[index + radius - distance]! * stride;
        const after = first + source[index + radius + distance]! * stride;
        for (let s = 0; s < stride; s++) {
          sums[s] = sums[s]! + weight * (x[before + s]! + x[after + s]!);
        }
      }
      y.set(sums, at);
    }
  }
  return y;
}

/**
 * Every channel smoothed by a Gaussian of `std` mm along i, j, k; 0 leaves an axis alone. One axis
 * after the other, stored in the volume's own precision, summed in float64.
 */
export function blurVolume(v: Volume, std: Triple): Volume {
  const size = spatialShape(v);
  const spacing = spacingOf(v.affine);
  const data = size.reduce<VoxelArray>((x, n, axis) => {
    const sigma = std[axis]! / spacing[axis]!;
    return sigma > NO_BLUR ? blurAxis(x, n, product(size.slice(axis + 1)), sigma) : x;
  }, v.data);
  return volume(data, v.shape, v.affine);
}

/**
 * Smooth the image; the label map passes through.
 *
 * @throws ConfigError unless standard deviations are 0 or more
 * @see TorchIO Blur(std)
 */
export function blur({
  std,
}: {
  /** Standard deviation in mm, one number or one per axis. */
  readonly std: number | readonly number[];
}): Transform {
  const [first, second = first, third = first] = numbersOf(std, 'blur std', [1, 3]) as [
    number,
    number?,
    number?,
  ];
  const deviations: Triple = [first, second, third];
  if (!deviations.every((deviation) => deviation >= 0)) {
    throw new ConfigError(
      `blur: std must not be negative. Got ${showShape(deviations)}. Pass millimetres, 0 to leave an axis alone.`,
    );
  }
  return {
    name: 'Blur',
    params: { std: deviations },
    apply: (subject) => ({ ...subject, image: blurVolume(subject.image, deviations) }),
  };
}
