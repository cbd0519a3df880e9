/** aggregate: a patch into a larger slab, then means and classes of its sums. */
import {
  aggregateAdd,
  aggregateLabels,
  aggregateProbabilities,
  labelsPerWord,
} from '../../src/kernels/aggregate.ts';
import * as reference from '../../src/reference/aggregate.ts';
import { product, type Triple } from '../../src/shape.ts';
import { type Check, check, type VolumeShape, voxelsOf } from './check.ts';

/** Sums whose weights, the last channel, are positive. */
function positiveWeights(sums: Float32Array, channels: number): Float32Array {
  const voxels = sums.length / (channels + 1);
  return sums.map((value, n) => (n < channels * voxels ? value : Math.abs(value)));
}

/** `labelsPerWord` classes in each word, from the lowest bits on. */
function packed(labels: Uint32Array, channels: number): Uint32Array {
  const perWord = labelsPerWord(channels);
  const bits = 32 / perWord;
  const words = new Uint32Array(Math.ceil(labels.length / perWord));
  labels.forEach((label, n) => {
    words[Math.floor(n / perWord)]! |= label << (bits * (n % perWord));
  });
  return words;
}

export function aggregateChecks(shape: VolumeShape): Check[] {
  const [samples, channels, ...size] = shape;
  const slab: Triple = [size[0] + 2, size[1] + 3, size[2] + 5];
  const sumsShape = [channels + 1, ...slab];
  const options = {
    sample: samples - 1,
    box: size,
    from: [0, 0, 0],
    to: [1, 2, 3],
    mirror: [1],
    least: 0.3,
  } as const;
  const means = [channels + 1, ...size];
  const weighted = () =>
    positiveWeights(
      Float32Array.from({ length: product(means) }, (_, n) => 1.5 + Math.sin(37 * n)),
      channels,
    );
  return [
    check({ op: 'aggregate', pass: 'add', shape }, (inputs) => {
      const sums = inputs.parameter(sumsShape, 3);
      const patches = inputs.parameter(shape, 1);
      const window = inputs.parameter([size[0] + size[1] + size[2]], 2);
      return {
        run: (scope) => {
          aggregateAdd(scope, sums.tensor, patches.tensor, window.tensor, options);
          return [sums.tensor];
        },
        expected: () => {
          const added = sums.values.slice();
          const layout = { channels, patchSize: size, slab };
          reference.aggregateAdd(added, patches.values, window.values, { ...options, ...layout });
          return [added];
        },
      };
    }),
    check({ op: 'aggregate', pass: 'probabilities', shape: means }, (inputs) => {
      const sums = inputs.parameter(means, weighted());
      return {
        run: (scope) => [aggregateProbabilities(scope, sums.tensor)],
        expected: () => [reference.aggregateProbabilities(sums.values, channels)],
      };
    }),
    check({ op: 'aggregate', pass: 'labels', shape: means, tolerance: 0 }, (inputs) => {
      const sums = inputs.parameter(means, weighted());
      return {
        run: (scope) => [aggregateLabels(scope, sums.tensor)],
        expected: () => {
          const labels = reference.aggregateLabels(sums.values, channels, 0.5);
          return [packed(labels.subarray(0, voxelsOf(shape)), channels)];
        },
      };
    }),
  ];
}
