import { suggestPatchSize } from '../../../src/patch/suggest_patch_size.ts';
import type { Triple } from '../../../src/shape.ts';
import { MedDataset } from '../../../src/train/med_dataset.ts';
import type { GoldenHandler } from '../case.ts';

/** Expected values are `params` too: `patch_size`, `mode_spacing` and `stats`. */
export const handler: GoldenHandler = (c) => {
  const { dims, voxels, target_spacing, divisor, min_patch_size, max_patch_size } = c.params;
  const dataset = new MedDataset(
    dims.map((dim: Triple, n: number) => ({
      path: String(n),
      dim,
      voxel: voxels[n],
      orientation: 'RAS+',
      storedOrientation: 'RAS+',
      channels: 1,
    })),
  );
  const stats = dataset.getSizeStatistics(target_spacing ?? undefined);
  const patchSize = suggestPatchSize(dataset, {
    targetSpacing: target_spacing ?? undefined,
    divisor: divisor ?? undefined,
    minPatchSize: min_patch_size ?? undefined,
    maxPatchSize: max_patch_size ?? undefined,
  });
  return {
    patch_size: { data: patchSize },
    mode_spacing: { data: dataset.getSuggestion().targetSpacing },
    'stats.median': { data: stats.median },
    'stats.min': { data: stats.min },
    'stats.max': { data: stats.max },
    'stats.std': { data: stats.std },
    'stats.percentile_10': { data: stats.percentile10 },
    'stats.percentile_90': { data: stats.percentile90 },
  };
};
