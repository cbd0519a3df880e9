import { volume } from '../../../src/io/volume.ts';
import { LabelSampler } from '../../../src/patch/label_sampler.ts';
import type { GoldenHandler } from '../case.ts';

export const handler: GoldenHandler = (c) => {
  const { patch, label_probabilities } = c.params;
  const { data, shape } = c.input('label');
  const label = volume(Float32Array.from(data), shape, []);
  const subject = { name: c.name, image: label, label };
  const sampler = new LabelSampler(patch, label_probabilities);
  const starts = Array.from(c.input('random').data, (random) => [
    ...sampler.locate(subject, random).start,
  ]).flat();
  return {
    probability_map: { data: sampler.probabilityMap(subject) },
    index_ini: { data: starts },
  };
};
