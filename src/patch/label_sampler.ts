import { ConfigError, ShapeError } from '../errors.ts';
import { spatialShape, type Volume } from '../io/volume.ts';
import type { Rng } from '../rng.ts';
import { sameShape, showShape, type Triple } from '../shape.ts';
import { checkFits, type PatchLocation } from './location.ts';
import type { Sampler } from './sampler.ts';
import type { Subject } from './subject.ts';

/** Smallest positive normal float32: a draw of exactly 0 must not choose a voxel of weight 0. */
const FLOAT32_TINY = 2 ** -126;
const LARGEST_LABEL = 65535;

/** Box of admissible centres: `low` inclusive, `high` exclusive. */
interface Box {
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** Centres whose patch lies in the volume; the centre of an even patch is its upper middle. */
function admissible(shape: Triple, patchSize: Triple): Box {
  return {
    low: patchSize.map((patch) => Math.floor(patch / 2)),
    high: shape.map((size, axis) => size - Math.floor((patchSize[axis]! - 1) / 2)),
  };
}

/** Calls `line` with the first element of every run of admissible voxels, in raster order. */
function forEachLine([, J, K]: Triple, { low, high }: Box, line: (first: number) => void): void {
  for (let i = low[0]!; i < high[0]!; i++) {
    for (let j = low[1]!; j < high[1]!; j++) line((i * J + j) * K + low[2]!);
  }
}

/** Where to draw from one label map: cumulative weights, kept per line to stay small. */
interface Distribution {
  readonly label: Volume;
  readonly weightOf: (value: number) => number;
  /** First voxel and cumulative weight before each admissible line; the last entry is the total. */
  readonly first: Int32Array;
  readonly before: Float64Array;
}

/**
 * Patches centred on voxels of given labels: each label's share of the draws is its probability,
 * whatever its size. Without probabilities every voxel above 0 is equally likely.
 *
 * @see TorchIO LabelSampler, WeightedSampler
 */
export class LabelSampler implements Sampler {
  readonly patchSize: Triple;
  /** By label value; null: every label above 0 alike. */
  private readonly probabilities: Float32Array | null;
  /** The queue draws all patches of a volume in a row. */
  private latest: Distribution | undefined;

  /**
   * @param labelProbabilities label value -> weight, normalised here; labels not listed weigh 0
   * @throws ConfigError if no weight is positive
   */
  constructor(
    patchSize: Triple,
    labelProbabilities: Readonly<Record<string, number>> | null = null,
  ) {
    this.patchSize = patchSize;
    this.probabilities = labelProbabilities && normalized(labelProbabilities);
  }

  sample(subject: Subject, rng: Rng): PatchLocation {
    return this.locate(subject, rng.uniform());
  }

  /**
   * The patch for a given random number.
   *
   * @param random in [0, 1)
   * @throws ShapeError  if the subject has no label map of one channel on its image's grid, or is too small
   * @throws ConfigError if no admissible voxel has a weight
   */
  locate(subject: Subject, random: number): PatchLocation {
    const distribution = this.distributionOf(subject);
    const [, I, J, K] = distribution.label.shape;
    const centre = draw(distribution, admissible([I, J, K], this.patchSize), random);
    const index = [Math.floor(centre / (J * K)), Math.floor(centre / K) % J, centre % K];
    const start = index.map((c, axis) => c - Math.floor(this.patchSize[axis]! / 2));
    return { start: start as [number, number, number], size: this.patchSize };
  }

  /** Weight of every voxel as a patch centre, `[I,J,K]`; for study and tests. */
  probabilityMap(subject: Subject): Float32Array {
    const { label, weightOf } = this.distributionOf(subject);
    const shape = spatialShape(label);
    const map = new Float32Array(label.data.length);
    const box = admissible(shape, this.patchSize);
    forEachLine(shape, box, (first) => {
      for (let n = first; n < first + box.high[2]! - box.low[2]!; n++) {
        map[n] = weightOf(label.data[n]!);
      }
    });
    return map;
  }

  private distributionOf({ name, image, label }: Subject): Distribution {
    const caller = `LabelSampler.sample('${name}')`;
    if (label?.shape[0] !== 1 || !sameShape(spatialShape(label), spatialShape(image))) {
      throw new ShapeError(
        `${caller}: needs a label map of one channel on the image's grid. Got image ${showShape(image.shape)} and label ${label ? showShape(label.shape) : 'none'} [C,I,J,K]. Load the label map with the image.`,
      );
    }
    if (this.latest?.label === label) return this.latest;
    const shape = spatialShape(label);
    checkFits(caller, this.patchSize, shape);
    const box = admissible(shape, this.patchSize);
    const weightOf = this.weightsFor(label, shape, box);
    const first: number[] = [];
    const before: number[] = [];
    let total = 0;
    forEachLine(shape, box, (line) => {
      first.push(line);
      before.push(total);
      for (let n = line; n < line + box.high[2]! - box.low[2]!; n++) {
        total += weightOf(label.data[n]!);
      }
    });
    if (!(total > 0)) {
      throw new ConfigError(
        `${caller}: no patch centre has a chance. No voxel of the sampled labels ${this.probabilities ? showShape([...this.probabilities.keys()].filter((v) => this.probabilities![v]! > 0)) : 'above 0'} is far enough from the border for patchSize ${showShape(this.patchSize)} in ${showShape(shape)}. Choose other labelProbabilities or a smaller patch.`,
      );
    }
    before.push(total);
    this.latest = {
      label,
      weightOf,
      first: Int32Array.from(first),
      before: Float64Array.from(before),
    };
    return this.latest;
  }

  /** Probability of a label divided by its admissible voxels, in float32 as TorchIO computes it. */
  private weightsFor(label: Volume, shape: Triple, box: Box): (value: number) => number {
    const { probabilities } = this;
    if (!probabilities) return (value) => (value > 0 ? 1 : 0);
    const counts = new Float64Array(probabilities.length);
    forEachLine(shape, box, (first) => {
      for (let n = first; n < first + box.high[2]! - box.low[2]!; n++) {
        const value = label.data[n]!;
        const count = counts[value];
        if (count !== undefined) counts[value] = count + 1;
      }
    });
    const weights = probabilities.map((p, value) => (counts[value]! > 0 ? p / counts[value]! : 0));
    return (value) => weights[value] ?? 0;
  }
}

/** Probability by label value, 0 for those not listed. */
function normalized(weights: Readonly<Record<string, number>>): Float32Array {
  const labels = Object.keys(weights).map(Number);
  const values = Object.values(weights).map(Math.fround);
  const sum = values.reduce((total, weight) => Math.fround(total + weight), 0);
  const legal = labels.every((v) => Number.isInteger(v) && v >= 0 && v <= LARGEST_LABEL);
  if (!legal || !(sum > 0) || values.some((weight) => !(weight >= 0))) {
    throw new ConfigError(
      `LabelSampler: labelProbabilities are not usable. Got ${JSON.stringify(weights)}. Give labels from 0 to ${LARGEST_LABEL} weights from 0, at least one of them positive.`,
    );
  }
  const table = new Float32Array(Math.max(...labels) + 1);
  for (const [n, value] of labels.entries()) table[value] = values[n]! / sum;
  return table;
}

/** First admissible voxel whose cumulative weight reaches the random share of the total. */
function draw({ label, weightOf, first, before }: Distribution, box: Box, random: number): number {
  const reach = Math.max(FLOAT32_TINY, random) * before[first.length]!;
  let low = 0;
  let high = first.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (before[middle + 1]! >= reach) high = middle;
    else low = middle + 1;
  }
  let cumulative = before[low]!;
  let voxel = first[low]! - 1;
  const last = first[low]! + box.high[2]! - box.low[2]! - 1;
  while (cumulative < reach && voxel < last) cumulative += weightOf(label.data[++voxel]!);
  return voxel;
}
