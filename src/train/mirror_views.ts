/** Mirror test-time augmentation: what a network says of all mirrored views of a patch, averaged. */
import type { Affine } from '../io/volume.ts';
import { axesOf, type FlipAxis, voxelAxes } from '../patch/transforms/flip.ts';

/** Axes to mirror: voxel axes or anatomical directions; true for all three, false for none. */
export type MirrorAxes = boolean | readonly FlipAxis[];

/** The voxel axes that are reversed to make a view; none: the patch as it is. */
export type View = readonly number[];

/**
 * Every combination of the axes, the unmirrored view first: 8 views of three axes.
 *
 * @param affine of the volume that patches are cut from; says which voxel axis runs left to right
 * @throws ConfigError for an axis that does not exist
 * @see fastMONAI PatchInferenceEngine, its mirror test-time augmentation
 */
export function mirrorViews(mirror: MirrorAxes, affine: Affine): View[] {
  const named: readonly FlipAxis[] = mirror === true ? [0, 1, 2] : mirror || [];
  axesOf('mirrorViews', named);
  const axes = [...new Set(voxelAxes(named, affine))].sort();
  const views: View[] = [[]];
  for (const axis of axes) views.push(...views.map((view) => [...view, axis]));
  return views;
}
