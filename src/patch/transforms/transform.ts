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
}
