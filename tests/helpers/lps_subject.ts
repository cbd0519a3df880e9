import { volume } from '../../src/io/volume.ts';
import type { Subject } from '../../src/patch/subject.ts';

const LPS = [-1, 0, 0, 9, 0, -2, 0, 9, 0, 0, 3, 9, 0, 0, 0, 1];

const numbered = (valueAt: (n: number) => number) =>
  volume(
    Float32Array.from({ length: 24 }, (_, n) => valueAt(n)),
    [1, 2, 3, 4],
    LPS,
  );

/** [1,2,3,4] voxels of 1 x 2 x 3 mm in LPS: the image counts up, the label map is 1 where it is odd. */
export const LPS_SUBJECT = {
  name: 'a',
  image: numbered((n) => n),
  label: numbered((n) => n % 2),
} satisfies Subject;
