/**
 * Tensors that a manifest describes instead of storing: a pure function of a key, a seed and the
 * index (murmur3's finaliser over an FNV-1a hash of the key), so any language makes the same bytes.
 */

/** FNV-1a over the UTF-8 bytes of `text`. */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}

function fmix32(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** `count` doubles in [-1, 1), before scale, offset and rounding to float32. */
export function hashUniform(key: string, count: number, seed: number): Float64Array {
  const start = fnv1a32(key) ^ seed;
  const values = new Float64Array(count);
  for (let index = 0; index < count; index++) {
    const word = fmix32((Math.imul(index, 0x9e3779b1) + start) | 0);
    values[index] = 2 ** -23 * (word >>> 8) - 1;
  }
  return values;
}

/** The float32 tensor that a manifest calls `hash_init(key, seed)`. */
export function hashInit(
  key: string,
  count: number,
  seed: number,
  scale = 1,
  offset = 0,
): Float32Array {
  return Float32Array.from(hashUniform(key, count, seed), (value) => scale * value + offset);
}
