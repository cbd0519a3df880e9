import { spatialShape } from '../io/volume.ts';
import type { Rng } from '../rng.ts';
import type { Triple } from '../shape.ts';
import { checkFits, type PatchLocation } from './location.ts';
import type { Sampler } from './sampler.ts';
import type { Subject } from './subject.ts';

/** Every possible location is equally likely. @see TorchIO UniformSampler */
export class UniformSampler implements Sampler {
  readonly patchSize: Triple;

  constructor(patchSize: Triple) {
    this.patchSize = patchSize;
  }

  sample(subject: Subject, rng: Rng): PatchLocation {
    const shape = spatialShape(subject.image);
    checkFits(`UniformSampler.sample('${subject.name}')`, this.patchSize, shape);
    const start = shape.map((size, axis) => rng.integer(size - this.patchSize[axis]! + 1));
    return { start: start as [number, number, number], size: this.patchSize };
  }
}
