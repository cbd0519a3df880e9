/**
 * Counter-based random numbers: Threefry-2x32 with 20 rounds (Salmon et al. 2011, "Parallel random
 * numbers: as easy as 1, 2, 3"). The n-th number of a stream depends only on the stream's key and
 * on n, so results do not depend on how work is divided. `shaders/common/threefry.wgsl` is the same
 * function on the GPU.
 */
const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;
const PARITY = 0x1bd11bda;

const rotateLeft = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

/** One block: two 32-bit outputs for a key and a counter of two 32-bit words each. */
export function threefry2x32(
  key: readonly [number, number],
  counter: readonly [number, number],
): [number, number] {
  const schedule = [key[0], key[1], key[0] ^ key[1] ^ PARITY];
  let a = (counter[0] + key[0]) | 0;
  let b = (counter[1] + key[1]) | 0;
  for (let round = 0; round < 20; round++) {
    a = (a + b) | 0;
    b = rotateLeft(b, ROTATIONS[round % 8]!) ^ a;
    if (round % 4 === 3) {
      const injection = (round + 1) / 4;
      a = (a + schedule[injection % 3]!) | 0;
      b = (b + schedule[(injection + 1) % 3]! + injection) | 0;
    }
  }
  return [a >>> 0, b >>> 0];
}

/**
 * Standard normal number for a key and a counter, from 24 bits of each word (Box and Muller 1958);
 * `shaders/common/normal.wgsl` is the same function in f32.
 */
export function threefryNormal(
  key: readonly [number, number],
  counter: readonly [number, number],
): number {
  const [first, second] = threefry2x32(key, counter);
  const radius = Math.sqrt(-2 * Math.log1p(-(first >>> 8) / 2 ** 24));
  return radius * Math.cos((2 * Math.PI * (second >>> 8)) / 2 ** 24);
}

/** A stream of random numbers. `fold` derives independent streams, e.g. per epoch and sample. */
export class Rng {
  readonly key: readonly [number, number];
  private position = 0;

  constructor(key: readonly [number, number]) {
    this.key = key;
  }

  /** @param seed a non-negative integer up to 2^53 - 1 */
  static seed(seed: number): Rng {
    return new Rng([Math.floor(seed / 0x1_0000_0000) >>> 0, seed >>> 0]);
  }

  /** An independent stream for `index`; does not advance this one. */
  fold(index: number): Rng {
    return new Rng(threefry2x32(this.key, [0xffff_ffff, index >>> 0]));
  }

  /** Next 32 random bits. */
  next(): number {
    return threefry2x32(this.key, [0, this.position++])[0];
  }

  /** Uniform in [0, 1) with 53 random bits. */
  uniform(): number {
    const [high, low] = threefry2x32(this.key, [0, this.position++]);
    return ((high >>> 5) * 0x400_0000 + (low >>> 6)) / 0x20_0000_0000_0000;
  }

  /** Uniform in [low, high). */
  range(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** Uniform integer in 0 .. count-1. */
  integer(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /** Standard normal (Box and Muller 1958). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** 0 .. count-1 in random order (Fisher and Yates). */
  permutation(count: number): number[] {
    const order = Array.from({ length: count }, (_, index) => index);
    for (let i = count - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }
}
