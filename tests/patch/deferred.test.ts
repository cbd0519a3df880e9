import { describe, expect, it } from 'vitest';
import { fromSpacing, identityAffine } from '../../src/io/affine.ts';
import { type Affine, volume } from '../../src/io/volume.ts';
import { applyStages, augmentPatch, drawnName, stagesOf } from '../../src/patch/deferred.ts';
import { transformFromSpec } from '../../src/patch/transforms/from_spec.ts';
import type { Transform } from '../../src/patch/transforms/transform.ts';
import { Rng } from '../../src/rng.ts';
import { randomArray } from '../helpers/random.ts';

const SHAPE = [2, 6, 5, 4];
const VOXELS = 120;

function cut(seed: number, affine: Affine = identityAffine()) {
  const label = Float32Array.from({ length: VOXELS }, (_, n) => (n + seed) % 3);
  return {
    patch: {
      name: `patch ${seed}`,
      image: volume(randomArray(SHAPE, seed), SHAPE, affine),
      label: volume(label, [1, 6, 5, 4], affine),
    },
    location: { start: [0, 0, 0], size: [6, 5, 4] },
  } as const;
}

const transforms = [
  { name: 'RandomAffine', params: { scales: 0.2, degrees: 20, translation: 1 } },
  { name: 'RandomFlip', params: { axes: [0, 1, 2] } },
  { name: 'RandomGamma', params: {} },
  { name: 'Gamma', params: { gamma: 1.1 } },
  { name: 'RandomBiasField', params: {} },
  { name: 'RandomBlur', params: {} },
  { name: 'RandomNoise', params: {} },
].map(transformFromSpec);

const rng = (n: number) => Rng.seed(3).fold(n);

describe('augmentPatch', () => {
  it.each([0, 2, 7])('draws the same for a list of which the last %i are deferred', (count) => {
    const first = transforms.length - count;
    const [now, later] = [transforms.slice(0, first), transforms.slice(first)];
    for (let n = 0; n < 5; n++) {
      const { patch, drawn } = augmentPatch(cut(n), now, later, rng(n));
      const stages = JSON.parse(JSON.stringify(stagesOf(later, [drawn])));
      const batch = {
        image: patch.image.data as Float32Array,
        imageShape: [1, ...SHAPE],
        label: Uint32Array.from(patch.label!.data),
      };
      const applied = applyStages(batch, stages);
      const expected = augmentPatch(cut(n), transforms, [], rng(n)).patch;
      expect(applied.image).toEqual(expected.image.data);
      expect([...applied.label]).toEqual([...expected.label!.data]);
    }
  });

  it('leaves the patch alone when all is deferred', () => {
    const given = cut(1);
    const { patch, drawn, location } = augmentPatch(given, [], transforms, rng(1));
    expect(patch).toBe(given.patch);
    expect(location).toBe(given.location);
    expect(drawn).toHaveLength(transforms.length);
    expect(drawn[3]).toEqual({ gamma: 1.1 });
  });

  it('changes a patch at once that is not on an identity affine', () => {
    const given = cut(2, fromSpacing([2, 2, 2]));
    const { patch, drawn } = augmentPatch(given, [], transforms, rng(2));
    expect(patch).toEqual(augmentPatch(given, transforms, [], rng(2)).patch);
    expect(patch.image.data).not.toEqual(given.patch.image.data);
    expect(drawn).toEqual(transforms.map(() => null));
  });
});

it('stagesOf sorts what was drawn by transform, null where nothing was', () => {
  const drawn = [
    [{ axes: [0] }, null],
    [null, { gamma: 2 }],
  ];
  const names = ['RandomFlip', 'RandomGamma'].map((name) => ({ name }) as Transform);
  expect(stagesOf(names, drawn)).toEqual([
    { name: 'Flip', samples: [{ axes: [0] }, null] },
    { name: 'Gamma', samples: [null, { gamma: 2 }] },
  ]);
});

it('drawnName is that of the transform without chance', () => {
  expect(drawnName({ name: 'RandomBiasField', params: {} })).toBe('BiasField');
  expect(drawnName({ name: 'Gamma', params: {} })).toBe('Gamma');
});
