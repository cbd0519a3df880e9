import { ConfigError } from '../errors.ts';
import type { Rng } from '../rng.ts';
import type { Triple } from '../shape.ts';
import { LabelSampler } from './label_sampler.ts';
import type { PatchLocation } from './location.ts';
import type { PatchConfig } from './patch_config.ts';
import type { Subject } from './subject.ts';
import { UniformSampler } from './uniform_sampler.ts';

/** Chooses where training patches are cut. */
export interface Sampler {
  readonly patchSize: Triple;
  /** @throws ShapeError if the subject is smaller than the patch */
  sample(subject: Subject, rng: Rng): PatchLocation;
}

/**
 * The sampler that a configuration asks for.
 *
 * @throws ConfigError for 'weighted', which is not implemented
 */
export function samplerOf({ samplerType, patchSize, labelProbabilities }: PatchConfig): Sampler {
  switch (samplerType) {
    case 'uniform':
      return new UniformSampler(patchSize);
    case 'label':
      return new LabelSampler(patchSize, labelProbabilities);
    case 'weighted':
      throw new ConfigError(
        "samplerOf: the weighted sampler is not implemented. Got samplerType 'weighted'. Use 'uniform' or 'label'.",
      );
  }
}
