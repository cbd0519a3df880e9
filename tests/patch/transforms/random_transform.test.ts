import { expect, it } from 'vitest';
import { identityAffine } from '../../../src/io/affine.ts';
import { volume } from '../../../src/io/volume.ts';
import { transformFromSpec } from '../../../src/patch/transforms/from_spec.ts';
import { Rng } from '../../../src/rng.ts';
import { randomArray } from '../../helpers/random.ts';

const SHAPE = [2, 7, 6, 5];
const subject = {
  name: 'a',
  image: volume(randomArray(SHAPE, 3), SHAPE, identityAffine()),
  label: volume(
    Float32Array.from({ length: 210 }, (_, n) => n % 3),
    [1, 7, 6, 5],
    identityAffine(),
  ),
};

it.each([
  { name: 'RandomAffine', params: { scales: [0.9, 1.2], degrees: 15, translation: 2, p: 1 } },
  { name: 'RandomFlip', params: { axes: [0, 1, 2] } },
  { name: 'RandomGamma', params: { p: 1 } },
  { name: 'RandomBiasField', params: { p: 1 } },
  { name: 'RandomBlur', params: { p: 1 } },
  { name: 'RandomNoise', params: { p: 1 } },
])('$name draws plain parameters that say all of what it does', (spec) => {
  const transform = transformFromSpec(spec);
  for (let seed = 0; seed < 4; seed++) {
    const drawn = transform.draw!(subject.image, Rng.seed(seed));
    const applied = transform.apply(subject, Rng.seed(seed));
    if (!drawn) {
      expect(applied).toBe(subject);
      continue;
    }
    const { name, params } = JSON.parse(JSON.stringify(drawn));
    expect(name).toBe(spec.name.replace('Random', ''));
    const rebuilt = transformFromSpec({ name, params }).apply(subject, Rng.seed(99));
    expect(rebuilt).toEqual(applied);
    expect(applied.image.data).not.toEqual(subject.image.data);
  }
});

it.each(['RandomAffine', 'RandomGamma', 'RandomBiasField', 'RandomBlur', 'RandomNoise'])(
  '%s takes one number where chance decides for no change',
  (name) => {
    const transform = transformFromSpec({ name, params: { p: 0 } });
    const rng = Rng.seed(1);
    expect(transform.draw!(subject.image, rng)).toBeNull();
    const other = Rng.seed(1);
    other.uniform();
    expect(rng.next()).toBe(other.next());
    expect(transform.apply(subject, Rng.seed(1))).toBe(subject);
  },
);
