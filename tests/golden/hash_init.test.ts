import { expect, it } from 'vitest';
import { fnv1a32, hashInit, hashUniform } from './hash_init.ts';

it('fnv1a32 agrees with the published test vectors', () => {
  expect(fnv1a32('')).toBe(0x811c9dc5);
  expect(fnv1a32('a')).toBe(0xe40c292c);
  expect(fnv1a32('foobar')).toBe(0xbf9cf968);
});

it('hashUniform stays in [-1, 1) with mean near 0 and differs by key and by seed', () => {
  const values = hashUniform('model.0.weight', 4096, 7);
  expect(Math.min(...values)).toBeGreaterThanOrEqual(-1);
  expect(Math.max(...values)).toBeLessThan(1);
  expect(Math.abs(values.reduce((a, b) => a + b) / values.length)).toBeLessThan(0.05);
  expect(hashUniform('model.0.weight', 1, 8)[0]).not.toBe(values[0]);
  expect(hashUniform('model.1.weight', 1, 7)[0]).not.toBe(values[0]);
});

it('hashInit scales and shifts in double precision, then rounds once', () => {
  const [u] = hashUniform('k', 1, 3);
  expect(hashInit('k', 1, 3, 0.1, 0.25)[0]).toBe(Math.fround(0.1 * u! + 0.25));
});
