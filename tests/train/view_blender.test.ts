import { expect, test } from 'vitest';
import { identityAffine } from '../../src/io/affine.ts';
import { gridLocations } from '../../src/patch/grid_sampler.ts';
import { reverseAxes } from '../../src/patch/transforms/flip.ts';
import type { Triple } from '../../src/shape.ts';
import { mirrorViews } from '../../src/train/mirror_views.ts';
import { SlabAggregator } from '../../src/train/slab_aggregator.ts';
import { finishSlab } from '../../src/train/slab_result.ts';
import { ViewBlender } from '../../src/train/view_blender.ts';
import { expectClose } from '../helpers/close.ts';
import { testGpu } from '../helpers/gpu.ts';
import { randomArray } from '../helpers/random.ts';

const PATCH: Triple = [6, 4, 5];

test.each([
  ['hann', false],
  ['crop', true],
] as const)('patches become their mean over views, mirrored back (%s)', async (mode, tta) => {
  const gpu = await testGpu();
  const before = gpu.pool.bytesInUse;
  const shape: Triple = [6, 4, 8];
  const locations = gridLocations(shape, PATCH, [0, 0, 0]);
  expect(locations.length).toBe(2);
  const aggregation = { shape, channels: 2, locations, mode, patchOverlap: [0, 0, 0] as Triple };
  const views = mirrorViews(tta, identityAffine());
  const predictions = views.map((_, n) => randomArray([2, 2, ...PATCH], n));
  const blended = async (use: (slabs: SlabAggregator) => void) => {
    const slabs = new SlabAggregator(gpu, aggregation);
    use(slabs);
    using scope = gpu.scope();
    const [slab] = slabs.take(shape[0]);
    const { result } = finishSlab(scope, slab!.sums, { name: 'probabilities' });
    const values = await gpu.read(result);
    slabs.dispose();
    return values;
  };
  using scope = gpu.scope();
  const means = predictions[0]!.map(
    (_, n) =>
      views.reduce((sum, view, v) => {
        const back = reverseAxes(predictions[v]!, [4, ...PATCH], view);
        return sum + back[n]!;
      }, 0) / views.length,
  );
  const expected = await blended((slabs) => {
    slabs.add(scope.upload(means, [2, 2, ...PATCH]), locations);
  });
  const actual = await blended((slabs) => {
    const blender = new ViewBlender(gpu, slabs, views);
    views.forEach((view, v) => {
      blender.add(scope.upload(predictions[v]!, [2, 2, ...PATCH]), locations, view);
    });
    blender.dispose();
  });
  expectClose(actual, expected, { rtol: 1e-6 });
  scope[Symbol.dispose]();
  expect(gpu.pool.bytesInUse).toBe(before);
});
