/** Mirror test-time augmentation: what a network says of all mirrored views of a patch, averaged. */
import type { Affine } from '../io/volume.ts';
import { checkAxes, type FlipAxis, reverseAxes, voxelAxes } from '../patch/transforms/flip.ts';
import type { Triple } from '../shape.ts';

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
  checkAxes('mirrorViews', named);
  const axes = [...new Set(voxelAxes(named, affine))].sort();
  const views: View[] = [[]];
  for (const axis of axes) views.push(...views.map((view) => [...view, axis]));
  return views;
}

/** Mean of a batch's predictions over its views, each mirrored back first. */
export class ViewMean {
  private readonly size: Triple;
  private sum: Float32Array | Float64Array = new Float32Array();
  private views = 0;

  /** @param size of the patches, `[pi, pj, pk]` */
  constructor(size: Triple) {
    this.size = size;
  }

  /** @param values `[N, C, pi, pj, pk]`, predicted of patches reversed as `view` says; kept, not changed */
  add(values: Float32Array, view: View): void {
    const [pi, pj, pk] = this.size;
    const blocks = values.length / (pi * pj * pk);
    const back = reverseAxes(values, [blocks, pi, pj, pk], view);
    this.views++;
    if (this.views === 1) {
      this.sum = back;
      return;
    }
    // The sum of up to 8 equal float32 is exact here, so that equal views have themselves as mean.
    if (this.views === 2) this.sum = new Float64Array(this.sum);
    for (let n = 0; n < back.length; n++) this.sum[n]! += back[n]!;
  }

  /** The mean of what was added, which is then forgotten. */
  take(): ArrayLike<number> {
    const { sum, views } = this;
    this.views = 0;
    this.sum = new Float32Array();
    return views > 1 ? Float32Array.from(sum, (value) => value / views) : sum;
  }
}
