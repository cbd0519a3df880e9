import type { Rng } from '../rng.ts';

export interface PlanOptions {
  readonly subjects: number;
  readonly samplesPerVolume: number;
  /** Patches among which the order is random. */
  readonly queueLength: number;
  readonly shuffle: boolean;
}

/** The n-th patch of an epoch: sample `sample` of subject `subject`. */
export interface PlannedPatch {
  readonly subject: number;
  readonly sample: number;
}

/**
 * The order of all patches of one epoch: subjects in random order fill a queue with all their
 * samples, the queue is shuffled and emptied, then refilled; a subject that does not fit into one
 * filling goes on in the next. It depends on nothing but the arguments, memory least of all.
 *
 * @see TorchIO Queue(max_length, samples_per_volume, shuffle_subjects, shuffle_patches)
 */
export function epochPlan(options: PlanOptions, rng: Rng): PlannedPatch[] {
  const { subjects, samplesPerVolume, queueLength, shuffle } = options;
  const order = shuffle
    ? rng.fold(0).permutation(subjects)
    : Array.from({ length: subjects }, (_, subject) => subject);
  const patches = order.flatMap((subject) =>
    Array.from({ length: samplesPerVolume }, (_, sample) => ({ subject, sample })),
  );
  if (!shuffle) return patches;
  const plan: PlannedPatch[] = [];
  for (let first = 0; first < patches.length; first += queueLength) {
    const filling = patches.slice(first, first + queueLength);
    const draws = rng.fold(1).fold(first).permutation(filling.length);
    for (const draw of draws) plan.push(filling[draw]!);
  }
  return plan;
}
