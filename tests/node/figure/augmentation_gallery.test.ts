import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/errors.ts';
import { fromSpacing } from '../../../src/io/affine.ts';
import { volume } from '../../../src/io/volume.ts';
import { augmentationGallery } from '../../../src/node/figure/augmentation_gallery.ts';
import { flip } from '../../../src/patch/transforms/flip.ts';
import { gamma } from '../../../src/patch/transforms/gamma.ts';
import { randomNoise } from '../../../src/patch/transforms/random_noise.ts';

const SHAPE = [1, 12, 6, 3];
const affine = fromSpacing([1, 1, 4]);
/** Brighter to the right of the patient; labelled there, in the last slice only. */
const subject = {
  name: 'ramp',
  image: volume(
    Float32Array.from({ length: 216 }, (_, n) => Math.floor(n / 18)),
    SHAPE,
    affine,
  ),
  label: volume(
    Float32Array.from({ length: 216 }, (_, n) => (n >= 150 && n % 3 === 2 ? 1 : 0)),
    SHAPE,
    affine,
  ),
};

const panels = [
  { caption: 'flipped', transforms: [flip({ axes: [0] })] },
  { caption: 'darker', transforms: [gamma({ gamma: 0.5 })] },
  { caption: 'noise', transforms: [randomNoise({ std: 3, p: 1 })] },
];

/** Red value of the picture at the middle of a panel, and right and left of it. */
function greys(png: Uint8Array, panel: number, columns: number): number[] {
  const { width, data, channels } = decode(png);
  const x = 16 + (panel % columns) * 256;
  const y = 16 + Math.floor(panel / columns) * (26 + 120 + 16) + 26 + 60;
  return [10, 120, 150].map((offset) => data[channels * (y * width + x + offset)]!);
}

describe('augmentationGallery', () => {
  it('draws the scan as it is and once per panel, in rows', () => {
    const { width, height } = decode(augmentationGallery({ subject, panels, columns: 3 }));
    expect([width, height]).toEqual([16 + 3 * 256, 16 + 2 * (26 + 120 + 16)]);
  });

  it('shows all panels at the grey levels of the scan', () => {
    const png = augmentationGallery({ subject, panels, columns: 2 });
    const [left, middle, right] = greys(png, 0, 2);
    // The patient's right is at the left of an axial picture.
    expect(left).toBeGreaterThan(middle!);
    expect(middle).toBeGreaterThan(right!);
    const flipped = greys(png, 1, 2);
    expect(flipped[0]).toBeLessThan(flipped[2]!);
    expect(greys(png, 2, 2)[1]).toBeLessThan(middle! / 2);
  });

  it('is the same picture for the same seed, and has other noise for another', () => {
    const draw = (seed?: number) =>
      augmentationGallery({ subject, panels, ...(seed === undefined ? {} : { seed }) });
    expect(draw()).toEqual(draw(0));
    expect(draw(1)).not.toEqual(draw(0));
  });

  it('needs no label map', () => {
    const { image, name } = subject;
    expect(decode(augmentationGallery({ subject: { name, image }, panels })).width).toBe(1040);
  });

  it('refuses to draw nothing', () => {
    expect(() => augmentationGallery({ subject, panels: [] })).toThrow(ConfigError);
    expect(() => augmentationGallery({ subject, panels, columns: 0 })).toThrow(/in 0 columns/);
  });
});
