/** Mirror test-time augmentation on the GPU: a patch's mean over its views, then one patch to blend. */
import type { Gpu } from '../gpu/device.ts';
import type { Scope } from '../gpu/scope.ts';
import type { Tensor } from '../gpu/tensor.ts';
import { aggregateAdd, aggregateProbabilities } from '../kernels/aggregate.ts';
import { fill } from '../kernels/fill.ts';
import type { PatchLocation } from '../patch/location.ts';
import type { Triple } from '../shape.ts';
import type { View } from './mirror_views.ts';
import type { SlabAggregator } from './slab_aggregator.ts';

const START: Triple = [0, 0, 0];

/**
 * Hands patches to an aggregator: with one view as they come, with several the mean of each patch
 * once its last view is there. Its memory is that of a batch and its weights.
 */
export class ViewBlender {
  private readonly scope: Scope;
  private readonly aggregator: SlabAggregator;
  private readonly views: readonly View[];
  /** A weight of 1 for every voxel. */
  private ones: Tensor | undefined;
  /** Per patch of the batch, [C + 1, pi, pj, pk]. */
  private sums: Tensor[] = [];

  /** @param aggregator stays the caller's */
  constructor(gpu: Gpu, aggregator: SlabAggregator, views: readonly View[]) {
    this.scope = gpu.scope();
    this.aggregator = aggregator;
    this.views = views;
  }

  /**
   * @param probabilities [N, C, pi, pj, pk] of patches mirrored as `view` says; may be released afterwards
   * @param locations of the same patches for each of the views, which come in their order
   */
  add(probabilities: Tensor, locations: readonly PatchLocation[], view: View): void {
    if (this.views.length === 1) {
      this.aggregator.add(probabilities, locations);
      return;
    }
    for (const [sample, { size }] of locations.entries()) {
      const ones = this.onesOf(size);
      const sums = this.sumsOf(sample, [probabilities.shape[1]! + 1, ...size]);
      const options = { sample, box: size, from: START, to: START, mirror: view };
      aggregateAdd(this.scope, sums, probabilities, ones, options);
    }
    if (view === this.views.at(-1)) this.flush(locations);
  }

  dispose(): void {
    this.scope[Symbol.dispose]();
  }

  private flush(locations: readonly PatchLocation[]): void {
    for (const [sample, sums] of this.sums.entries()) {
      const mean = aggregateProbabilities(this.scope, sums);
      this.aggregator.add(mean, [locations[sample]!]);
      this.scope.release(mean);
      this.scope.release(sums);
    }
    this.sums = [];
  }

  private onesOf([pi, pj, pk]: Triple): Tensor {
    this.ones ??= this.scope.upload(new Float32Array(pi + pj + pk).fill(1), [pi + pj + pk], 'ones');
    return this.ones;
  }

  private sumsOf(sample: number, shape: readonly number[]): Tensor {
    const found = this.sums[sample];
    if (found) return found;
    const sums = this.scope.tensor(shape, 'sums of views');
    fill(this.scope, sums, 0);
    this.sums[sample] = sums;
    return sums;
  }
}
