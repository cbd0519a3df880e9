import { describe, expect, it } from 'vitest';
import { identityAffine } from '../../src/io/affine.ts';
import { volume } from '../../src/io/volume.ts';
import { LabelSampler } from '../../src/patch/label_sampler.ts';
import { Rng } from '../../src/rng.ts';
import { expectClose } from '../helpers/close.ts';

function line(values: number[]) {
  const label = volume(Float32Array.from(values), [1, 1, 1, values.length], identityAffine());
  return { name: 'scan1', image: label, label };
}

describe('LabelSampler', () => {
  it('shares the probability of a label among its admissible voxels', () => {
    // A patch of 4 has its centre at index 2: centres 2 .. 8 of 10 are admissible.
    const subject = line([1, 1, 0, 1, 1, 0, 0, 2, 0, 1]);
    const sampler = new LabelSampler([1, 1, 4], { 0: 1, 1: 3 });
    expectClose(
      sampler.probabilityMap(subject),
      [0, 0, 1 / 16, 3 / 8, 3 / 8, 1 / 16, 1 / 16, 0, 1 / 16, 0],
      { rtol: 1e-6 },
    );
  });

  it('puts the chosen voxel at the centre of the patch', () => {
    const subject = line([0, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
    const at = (patch: number) => new LabelSampler([1, 1, patch], { 1: 1 }).locate(subject, 0.3);
    expect(at(4)).toEqual({ start: [0, 0, 4], size: [1, 1, 4] });
    expect(at(5).start).toEqual([0, 0, 4]);
    expect(at(1).start).toEqual([0, 0, 6]);
  });

  it('takes the first voxel whose cumulative weight reaches the random number', () => {
    const subject = line([0, 1, 0, 1, 0, 1, 0, 1]);
    const sampler = new LabelSampler([1, 1, 1], { 1: 1 });
    const starts = [0, 0.25, 0.2500001, 0.74, 0.76, 0.9999999].map(
      (random) => sampler.locate(subject, random).start[2],
    );
    expect(starts).toEqual([1, 1, 3, 5, 7, 7]);
  });

  it('draws labels by their probabilities whatever their sizes', () => {
    const subject = line([1, ...new Array<number>(99).fill(0)]);
    const sampler = new LabelSampler([1, 1, 1], { 0: 0.2, 1: 0.8 });
    const rng = Rng.seed(5);
    let hits = 0;
    for (let n = 0; n < 2000; n++) if (sampler.sample(subject, rng).start[2] === 0) hits++;
    expect(Math.abs(hits / 2000 - 0.8)).toBeLessThan(0.03);
  });

  it('leaves labels that do not occur out of the account', () => {
    const sampler = new LabelSampler([1, 1, 1], { 0: 0.5, 7: 0.5 });
    expect(sampler.locate(line([1, 0, 1, 0]), 0.99).start[2]).toBe(3);
  });

  it('without probabilities takes every voxel above 0 alike', () => {
    const sampler = new LabelSampler([1, 1, 1]);
    const map = sampler.probabilityMap(line([0, 1, 2, 0, 1]));
    expect([...map]).toEqual([0, 1, 1, 0, 1]);
  });

  it('has one centre if the patch is the volume', () => {
    const sampler = new LabelSampler([1, 1, 6], { 0: 1 });
    expect(sampler.locate(line([0, 0, 0, 0, 0, 0]), 0.9).start).toEqual([0, 0, 0]);
  });

  it('looks at each subject anew', () => {
    const sampler = new LabelSampler([1, 1, 1], { 1: 1 });
    expect(sampler.locate(line([0, 1, 0]), 0.5).start[2]).toBe(1);
    expect(sampler.locate(line([0, 0, 1]), 0.5).start[2]).toBe(2);
  });

  it('refuses subjects without a usable label map', () => {
    const sampler = new LabelSampler([1, 1, 2], { 1: 1 });
    const { image } = line([0, 0, 0]);
    expect(() => sampler.locate({ name: 'scan1', image }, 0)).toThrow(/scan1.*label none/);
    const { label } = line([1, 1]);
    expect(() => sampler.locate({ name: 'scan1', image, label }, 0)).toThrow(/\[1,1,1,2\]/);
    expect(() => sampler.locate(line([1]), 0)).toThrow(/smaller than the patch/);
  });

  it('refuses subjects in which no centre has a chance', () => {
    const sampler = new LabelSampler([1, 1, 4], { 1: 1 });
    expect(() => sampler.locate(line([1, 0, 0, 0, 0, 1]), 0)).toThrow(/no patch centre/);
  });

  it('refuses weights that are negative, all zero, or not of labels', () => {
    expect(() => new LabelSampler([1, 1, 1], { 0: 0 })).toThrow(/not usable/);
    expect(() => new LabelSampler([1, 1, 1], { 0: -1, 1: 2 })).toThrow(/not usable/);
    expect(() => new LabelSampler([1, 1, 1], { heart: 1 })).toThrow(/not usable/);
  });
});
