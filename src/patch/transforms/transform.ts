import type { Volume } from '../../io/volume.ts';
import type { Rng } from '../../rng.ts';
import type { Subject } from '../subject.ts';

/** What is needed to rebuild a transform: TorchIO's class name and JSON-able parameters. */
export interface TransformSpec {
  readonly name: string;
  readonly params: Record<string, unknown>;
}

/** A change of a whole subject, image and label map together. Never mutates its input. */
export interface Transform extends TransformSpec {
  /** @param rng consumed only by random transforms */
  apply(subject: Subject, rng: Rng): Subject;
  /**
   * Of random transforms: what chance decides for an image on this grid, as a transform without
   * chance; null where it decides for no change. `apply` draws from `rng` in the same way.
   */
  draw?(grid: Pick<Volume, 'shape' | 'affine'>, rng: Rng): Transform | null;
}
