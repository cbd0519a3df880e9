/** A patch size for a data set: the median image, rounded down to what the network can halve. */
import { ConfigError } from '../errors.ts';
import type { Triple } from '../shape.ts';

/** What a suggestion needs to know of a data set; `MedDataset` is one. */
export interface SizedDataset {
  /** Axes are those after reordering to RAS+. */
  readonly applyReorder: boolean;
  getSuggestion(): { readonly targetSpacing: Triple };
  getSizeStatistics(targetSpacing?: Triple): {
    /** Images that were counted. */
    readonly count: number;
    /** Voxels per axis. */
    readonly median: Triple;
  };
}

export interface PatchSizeOptions {
  /** Millimetres. Default: the data set's own suggestion. */
  readonly targetSpacing?: Triple | undefined;
  /** Voxels. Default 32 per axis. */
  readonly minPatchSize?: Triple | undefined;
  /** Voxels. Default 256 per axis. */
  readonly maxPatchSize?: Triple | undefined;
  /** Of which each size is a multiple, unless a bound says otherwise. Default 16. */
  readonly divisor?: number | undefined;
  /** Receives what is legal but probably not meant. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

function checkBounds(divisor: number, min: Triple, max: Triple): void {
  const legal =
    Number.isInteger(divisor) &&
    divisor > 0 &&
    min.every((size, axis) => Number.isInteger(size) && size > 0 && max[axis]! >= size) &&
    max.every(Number.isInteger);
  if (legal) return;
  throw new ConfigError(
    `suggestPatchSize: no size can be suggested. Got divisor ${divisor}, minPatchSize [${min}], maxPatchSize [${max}]. Pass whole numbers of voxels, each minimum at most its maximum.`,
  );
}

/**
 * Per axis: the median size at the target spacing, rounded down to a multiple of the divisor but
 * at least one, then not below the minimum and not above the maximum.
 *
 * @throws ConfigError for a data set without images, or bounds that contradict each other
 * @see fastMONAI suggest_patch_size
 */
export function suggestPatchSize(
  dataset: SizedDataset,
  options: PatchSizeOptions = {},
): [number, number, number] {
  const { divisor = 16, minPatchSize = [32, 32, 32], maxPatchSize = [256, 256, 256] } = options;
  const { targetSpacing = dataset.getSuggestion().targetSpacing, onWarning } = options;
  checkBounds(divisor, minPatchSize, maxPatchSize);
  const { count, median } = dataset.getSizeStatistics(targetSpacing);
  const size = (axis: 0 | 1 | 2): number => {
    const whole = Math.max(divisor, Math.floor(median[axis] / divisor) * divisor);
    return Math.max(minPatchSize[axis], Math.min(whole, maxPatchSize[axis]));
  };
  const patch: [number, number, number] = [size(0), size(1), size(2)];
  if (count === 1) {
    onWarning?.('the patch size is that of a single image: others may be smaller');
  }
  const short = median.some((voxels, axis) => voxels < patch[axis]!);
  if (short) {
    onWarning?.(
      `the median image, [${median}] voxels, is smaller than the patch, [${patch}]: images will be padded`,
    );
  }
  return patch;
}
