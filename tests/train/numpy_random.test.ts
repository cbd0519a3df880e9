import { describe, expect, it } from 'vitest';
import { NumpyRandom } from '../../src/train/numpy_random.ts';

describe('NumpyRandom', () => {
  it('gives the 32-bit outputs of numpy.random.RandomState(0)', () => {
    const random = new NumpyRandom(0);
    const words = Array.from({ length: 4 }, () => random.nextUint32());
    expect(words).toEqual([2357136044, 2546248239, 3071714933, 3626093760]);
  });

  it('gives the doubles of random_sample to the last bit', () => {
    const random = new NumpyRandom(42);
    expect([random.randomSample(), random.randomSample()]).toEqual([
      0.3745401188473625, 0.9507143064099162,
    ]);
  });

  it('stays right after the state has been renewed', () => {
    const random = new NumpyRandom(5489);
    let last = 0;
    for (let n = 0; n < 10000; n++) last = random.nextUint32();
    // The 10000th output of the default-seeded generator, which the C++ standard requires.
    expect(last).toBe(4123659995);
  });

  it('shuffles as RandomState does, and draws the head of a permutation', () => {
    const order = [8, 1, 5, 0, 7, 2, 9, 4, 3, 6];
    expect(new NumpyRandom(42).permutation(10)).toEqual(order);
    expect(new NumpyRandom(42).choice(10, 3)).toEqual(order.slice(0, 3));
  });

  it('refuses seeds that NumPy refuses, and samples larger than the population', () => {
    expect(() => new NumpyRandom(-1)).toThrow(/32-bit/);
    expect(() => new NumpyRandom(2 ** 32)).toThrow(/32-bit/);
    expect(() => new NumpyRandom(0.5)).toThrow(/32-bit/);
    expect(() => new NumpyRandom(0).choice(3, 4)).toThrow(/4 of 3/);
  });
});
