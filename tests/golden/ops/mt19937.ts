import { NumpyRandom } from '../../../src/train/numpy_random.ts';
import type { GoldenHandler } from '../case.ts';

export const handler: GoldenHandler = (c) => {
  const count = c.output('u32_hi').data.length;
  const integers = new NumpyRandom(c.params.seed);
  const words = Array.from({ length: count }, () => integers.nextUint32());
  const reals = new NumpyRandom(c.params.seed);
  const samples = Array.from({ length: c.output('random_sample').data.length }, () =>
    reals.randomSample(),
  );
  return {
    u32_hi: { data: words.map((word) => word >>> 16) },
    u32_lo: { data: words.map((word) => word & 0xffff) },
    random_sample: { data: samples },
  };
};
