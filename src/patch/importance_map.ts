/** MONAI's weights for voxels of overlapping patches: a Gaussian about the middle, or all the same. */
import { ConfigError } from '../errors.ts';
import { product, type Triple, toTriple } from '../shape.ts';

/** No voxel of a map weighs less: the far corners of a Gaussian would round to nothing. */
export const LEAST_IMPORTANCE = 1e-3;

const SIGMA_SCALE = 0.125;

/** One axis of the Gaussian: exp(-x^2 / (2 sigma^2)), x from the middle, sigma = sigmaScale * size. */
export function gaussianAxis(size: number, sigmaScale = SIGMA_SCALE): Float64Array {
  const sigma = sigmaScale * size;
  return Float64Array.from({ length: size }, (_, n) =>
    Math.exp((n - (size - 1) / 2) ** 2 / (-2 * sigma ** 2)),
  );
}

export interface ImportanceMapOptions {
  readonly mode?: 'constant' | 'gaussian';
  /** Standard deviation as a share of the patch, for all axes or one per axis. */
  readonly sigmaScale?: number | readonly number[];
}

/**
 * Weights of a patch's voxels.
 *
 * @returns `[pi, pj, pk]`: ones, or the product of the three axes, at least `LEAST_IMPORTANCE`
 * @throws ConfigError unless sigmaScale is positive
 * @see MONAI compute_importance_map
 */
export function importanceMap(
  patchSize: Triple,
  { mode = 'constant', sigmaScale = SIGMA_SCALE }: ImportanceMapOptions = {},
): Float32Array {
  const scales = toTriple(sigmaScale, 'importanceMap sigmaScale');
  if (!scales.every((scale) => scale > 0)) {
    throw new ConfigError(
      `importanceMap: sigmaScale must be positive. Got ${JSON.stringify(sigmaScale)}. Pass a share of the patch such as ${SIGMA_SCALE}.`,
    );
  }
  const map = new Float32Array(product(patchSize));
  if (mode === 'constant') return map.fill(1);
  const [wi, wj, wk] = [0, 1, 2].map((axis) => gaussianAxis(patchSize[axis]!, scales[axis]!)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  let n = 0;
  for (const a of wi) {
    for (const b of wj) for (const c of wk) map[n++] = Math.max(a * b * c, LEAST_IMPORTANCE);
  }
  return map;
}
