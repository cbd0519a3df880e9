/** What a data set's files have been through already: an entry of dataset.json of voxgrad's own. */
import * as z from 'zod';
import type { Triple } from '../shape.ts';

/** Size in voxels and spacing in millimetres. */
export interface CaseGrid {
  readonly size: Triple;
  readonly spacing: Triple;
}

export interface AppliedPreprocessing {
  /** Axes were brought to RAS+. */
  readonly applyReorder: boolean;
  /** Millimetres per voxel that images were resampled to; null: they keep their own. */
  readonly targetSpacing: Triple | null;
  /** Applied in order after resampling. */
  readonly transforms: readonly {
    readonly name: string;
    readonly params: Readonly<Record<string, unknown>>;
  }[];
  /** Of the scans after reordering and before resampling, by case name: what a plan is made from. */
  readonly grids: Readonly<Record<string, CaseGrid>>;
}

const triple = z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]);

export const appliedPreprocessingSchema = z.strictObject({
  applyReorder: z.boolean(),
  targetSpacing: triple.nullable(),
  transforms: z.array(
    z.strictObject({ name: z.string(), params: z.record(z.string(), z.unknown()) }),
  ),
  grids: z.record(z.string(), z.strictObject({ size: triple, spacing: triple })),
});
