import { identityAffine } from '../../src/io/affine.ts';
import { volume } from '../../src/io/volume.ts';
import type { Subject } from '../../src/patch/subject.ts';
import type { SubjectSource } from '../../src/patch/subject_cache.ts';

export interface FakeSubjects extends SubjectSource {
  /** Subjects in the order in which they were asked for. */
  readonly loads: number[];
  /** Most loads under way at the same time. */
  mostAtOnce: number;
}

export interface FakeSubjectsOptions {
  readonly size?: number;
  /** Milliseconds that a load takes. Default: none. */
  readonly delay?: (index: number) => number;
  /** Throws in place of a subject. */
  readonly fail?: (index: number, load: number) => void;
}

/** A subject whose voxels tell it (thousands) and their position, with a label in each fifth voxel. */
export function fakeSubject(index: number, size: number): Subject {
  const voxels = size ** 3;
  const data = Float32Array.from({ length: voxels }, (_, n) => 1000 * index + n);
  const label = Float32Array.from({ length: voxels }, (_, n) => (n % 5 === 0 ? 1 : 0));
  const shape = [1, size, size, size];
  return {
    name: `scan${index}`,
    image: volume(data, shape, identityAffine()),
    label: volume(label, shape, identityAffine()),
  };
}

export function fakeSubjects(count: number, options: FakeSubjectsOptions = {}): FakeSubjects {
  const { size = 8, delay, fail } = options;
  let now = 0;
  const source: FakeSubjects = {
    count,
    loads: [],
    mostAtOnce: 0,
    name: (index) => `scan${index}`,
    load: async (index) => {
      source.loads.push(index);
      const load = source.loads.length;
      source.mostAtOnce = Math.max(source.mostAtOnce, ++now);
      try {
        await new Promise<void>((resolve) => {
          if (delay) setTimeout(resolve, delay(index));
          else queueMicrotask(resolve);
        });
        fail?.(index, load);
        return fakeSubject(index, size);
      } finally {
        now--;
      }
    },
  };
  return source;
}
