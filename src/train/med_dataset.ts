/** A data set as a table, a row per file, and what to make of it. */
import { ConfigError } from '../errors.ts';
import { type PatchSizeOptions, suggestPatchSize } from '../patch/suggest_patch_size.ts';
import type { Triple } from '../shape.ts';
import { mode } from './dataset_analysis.ts';
import type { DatasetRow, FileFacts, UnreadableFile, VolumeKind } from './file_facts.ts';
import { type SizeStatistics, sizeStatistics } from './size_statistics.ts';

/** Files that share grid size, spacing and orientation. */
export interface SummaryRow extends Pick<FileFacts, 'dim' | 'voxel' | 'orientation'> {
  /** The first of them by name. */
  readonly examplePath: string;
  readonly total: number;
}

export interface Suggestion {
  /** Per axis the spacing that most files have, mm. */
  readonly targetSpacing: Triple;
  readonly applyReorder: boolean;
  readonly patchSize?: Triple;
}

const isReadable = (row: DatasetRow): row is FileFacts => !('error' in row);
const isUnreadable = (row: DatasetRow): row is UnreadableFile => 'error' in row;

/** Ascending by size, spacing and orientation, as pandas' groupby orders its keys. */
function byGrid(a: SummaryRow, b: SummaryRow): number {
  const keys = ({ dim, voxel }: SummaryRow): number[] => [...dim, ...voxel];
  const others = keys(b);
  const differing = keys(a)
    .map((key, n) => key - others[n]!)
    .find((difference) => difference !== 0);
  return differing ?? (a.orientation < b.orientation ? -1 : a.orientation > b.orientation ? 1 : 0);
}

/**
 * The table of a data set. On Node `medDataset` makes one from files.
 *
 * @see fastMONAI MedDataset, whose columns dim_0 to dim_2 are `dim`, voxel_0 to voxel_2 `voxel`, and
 *   label_<v>_volume_mm3 `labelVolumes`
 */
export class MedDataset {
  readonly rows: readonly DatasetRow[];
  readonly applyReorder: boolean;
  readonly dtype: VolumeKind;

  /**
   * @param rows in the order of the files
   * @throws ConfigError for files of different orientations that were not reordered
   */
  constructor(
    rows: readonly DatasetRow[],
    options: { readonly applyReorder?: boolean; readonly dtype?: VolumeKind } = {},
  ) {
    this.rows = rows;
    this.applyReorder = options.applyReorder ?? false;
    this.dtype = options.dtype ?? 'image';
    const orientations = new Set(this.readable().map(({ orientation }) => orientation));
    if (orientations.size > 1) {
      throw new ConfigError(
        `MedDataset: the files have different orientations, so their axes cannot be compared. Got ${[...orientations].sort().join(', ')}. Reorder them with applyReorder.`,
      );
    }
  }

  /** The rows of files that could be read. */
  readable(): FileFacts[] {
    return this.rows.filter(isReadable);
  }

  /** The rows of files that could not. */
  unreadable(): UnreadableFile[] {
    return this.rows.filter(isUnreadable);
  }

  /** Files grouped by size, spacing and orientation, the largest group first. */
  summary(): SummaryRow[] {
    const groups = new Map<string, SummaryRow>();
    for (const { dim, voxel, orientation, path } of this.readable()) {
      const key = [...dim, ...voxel, orientation].join(' ');
      const group = groups.get(key) ?? { dim, voxel, orientation, examplePath: path, total: 0 };
      const [examplePath] = [path, group.examplePath].sort() as [string, string];
      groups.set(key, { ...group, examplePath, total: group.total + 1 });
    }
    return [...groups.values()].sort((a, b) => b.total - a.total || byGrid(a, b));
  }

  /**
   * The spacing that most files have, per axis; of equally frequent ones the smallest.
   *
   * @throws ConfigError for a data set without readable files
   * @see fastMONAI MedDataset.get_suggestion
   */
  getSuggestion(
    options: { readonly includePatchSize?: boolean } & Pick<PatchSizeOptions, 'onWarning'> = {},
  ): Suggestion {
    const files = this.filesFor('getSuggestion');
    const along = (axis: 0 | 1 | 2): number => mode(files.map(({ voxel }) => voxel[axis])).value;
    const targetSpacing: Triple = [along(0), along(1), along(2)];
    const suggestion = { targetSpacing, applyReorder: this.applyReorder };
    if (!options.includePatchSize) return suggestion;
    const { onWarning } = options;
    return { ...suggestion, patchSize: suggestPatchSize(this, { targetSpacing, onWarning }) };
  }

  /**
   * Voxels per axis over all files: as they are, or as they would be at `targetSpacing` mm.
   *
   * @throws ConfigError for a data set without readable files
   * @see fastMONAI MedDataset.get_size_statistics
   */
  getSizeStatistics(targetSpacing?: Triple): SizeStatistics {
    if (targetSpacing?.some((millimetres) => !(millimetres > 0))) {
      throw new ConfigError(
        `MedDataset.getSizeStatistics: a spacing is not above 0. Got [${targetSpacing}] mm. Pass millimetres per voxel.`,
      );
    }
    const sizes = this.filesFor('getSizeStatistics').map(({ dim, voxel }): Triple => {
      if (!targetSpacing) return dim;
      const along = (axis: 0 | 1 | 2): number =>
        Math.floor(dim[axis] * (voxel[axis] / targetSpacing[axis]));
      return [along(0), along(1), along(2)];
    });
    return sizeStatistics(sizes);
  }

  private filesFor(caller: string): FileFacts[] {
    const files = this.readable();
    if (files.length > 0) return files;
    throw new ConfigError(
      `MedDataset.${caller}: there is nothing to analyse. Got ${this.rows.length} files, none of them readable. Check the paths and the errors in 'rows'.`,
    );
  }
}
