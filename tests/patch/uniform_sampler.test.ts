import { describe, expect, it } from 'vitest';
import { identityAffine } from '../../src/io/affine.ts';
import { volume } from '../../src/io/volume.ts';
import { UniformSampler } from '../../src/patch/uniform_sampler.ts';
import { Rng } from '../../src/rng.ts';

const image = volume(new Float32Array(5 * 4 * 3), [1, 5, 4, 3], identityAffine());

describe('UniformSampler', () => {
  it('reaches every location, and no other, equally often', () => {
    const sampler = new UniformSampler([3, 4, 2]);
    const rng = Rng.seed(1);
    const counts = new Map<string, number>();
    for (let n = 0; n < 6000; n++) {
      const { start } = sampler.sample({ name: 'a', image }, rng);
      counts.set(String(start), (counts.get(String(start)) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual([
      '0,0,0',
      '0,0,1',
      '1,0,0',
      '1,0,1',
      '2,0,0',
      '2,0,1',
    ]);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('refuses a volume smaller than the patch and names the subject', () => {
    const sampler = new UniformSampler([3, 5, 2]);
    expect(() => sampler.sample({ name: 'scan1', image }, Rng.seed(0))).toThrow(/scan1.*\[5,4,3\]/);
  });
});
