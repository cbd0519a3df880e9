import { ConfigError } from '../errors.ts';

const WORDS = 624;
const MIDDLE = 397;

/**
 * NumPy's legacy generator, so that splits equal those of published Python runs. Not for training:
 * everything else draws from `Rng`.
 *
 * @see numpy.random.RandomState(seed): MT19937 (Matsumoto & Nishimura 1998) seeded by init_genrand.
 */
export class NumpyRandom {
  private readonly state = new Uint32Array(WORDS);
  private position = WORDS;

  /**
   * @param seed integer in 0 .. 2^32-1
   * @throws ConfigError for any other seed
   */
  constructor(seed: number) {
    if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff) {
      throw new ConfigError(
        `NumpyRandom: the seed is not a 32-bit unsigned integer. Got ${seed}. Pass an integer from 0 to 4294967295.`,
      );
    }
    const { state } = this;
    state[0] = seed;
    for (let n = 1; n < WORDS; n++) {
      const previous = state[n - 1]! ^ (state[n - 1]! >>> 30);
      state[n] = Math.imul(previous, 1812433253) + n;
    }
  }

  /** Next tempered 32-bit output, 0 .. 2^32-1. */
  nextUint32(): number {
    if (this.position === WORDS) this.twist();
    let y = this.state[this.position++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }

  /** Uniform in [0, 1) with 53 random bits, as `random_sample`. */
  randomSample(): number {
    const high = this.nextUint32() >>> 5;
    const low = this.nextUint32() >>> 6;
    return (high * 0x400_0000 + low) / 0x20_0000_0000_0000;
  }

  /** Shuffle in place, as `shuffle` of a list or of a one-dimensional array. */
  shuffle<T>(items: T[]): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.interval(i);
      [items[i], items[j]] = [items[j]!, items[i]!];
    }
  }

  /** 0 .. count-1 in random order. */
  permutation(count: number): number[] {
    const order = Array.from({ length: count }, (_, index) => index);
    this.shuffle(order);
    return order;
  }

  /**
   * `size` different numbers of 0 .. count-1 in draw order, as `choice(count, size, replace=False)`.
   *
   * @throws ConfigError if there are fewer than `size` numbers
   */
  choice(count: number, size: number): number[] {
    if (size > count) {
      throw new ConfigError(
        `NumpyRandom.choice: a larger sample than the population. Got ${size} of ${count}. Draw at most ${count}.`,
      );
    }
    return this.permutation(count).slice(0, size);
  }

  /** Uniform integer in 0 .. max: outputs are masked to the next power of two and redrawn. */
  private interval(max: number): number {
    const mask = max === 0 ? 0 : 0xffff_ffff >>> Math.clz32(max);
    for (;;) {
      const value = (this.nextUint32() & mask) >>> 0;
      if (value <= max) return value;
    }
  }

  private twist(): void {
    const { state } = this;
    for (let n = 0; n < WORDS; n++) {
      const y = (state[n]! & 0x8000_0000) | (state[(n + 1) % WORDS]! & 0x7fff_ffff);
      state[n] = state[(n + MIDDLE) % WORDS]! ^ (y >>> 1) ^ (y & 1 ? 0x9908_b0df : 0);
    }
    this.position = 0;
  }
}
