// Draws docs/figures/augmentations.png: what each augmentation makes of one slice of a scan.
//
//   npx tsx tools/augmentation_gallery.ts --image scan.nii.gz --label labels.nii.gz --out gallery.png
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { spacingOf } from '../src/io/affine.ts';
import { spatialShape, type Volume } from '../src/io/volume.ts';
import { augmentationGallery } from '../src/node/figure/augmentation_gallery.ts';
import { readNiftiFile } from '../src/node/nifti_file.ts';
import type { Subject } from '../src/patch/subject.ts';
import { crop } from '../src/patch/transforms/crop_or_pad.ts';
import { transformFromSpec } from '../src/patch/transforms/from_spec.ts';
import { Rng } from '../src/rng.ts';

const { values } = parseArgs({
  options: {
    image: { type: 'string' },
    label: { type: 'string' },
    out: { type: 'string' },
    /** Millimetres around the middle of the labels, on the first two axes. */
    size: { type: 'string' },
    seed: { type: 'string', default: '0' },
  },
});
if (!values.image || !values.out) {
  throw new Error(
    'Pass --image FILE and --out PNG, and if you like --label FILE --size MM --seed N.',
  );
}

/** The first two axes around the middle of what is labelled. */
function cropped(subject: Subject, mm: number): Subject {
  const { image, label = image } = subject;
  const [, J, K] = spatialShape(label);
  const spacing = spacingOf(image.affine);
  const bounds = [0, 1].flatMap((axis) => {
    const length = spatialShape(image)[axis]!;
    const positions = [...label.data.keys()]
      .filter((n) => label.data[n]! > 0)
      .map((n) => (axis === 0 ? Math.floor(n / (J * K)) : Math.floor(n / K) % J));
    const middle = positions.reduce((sum, at) => sum + at, 0) / positions.length;
    const half = mm / spacing[axis]! / 2;
    const start = Math.max(0, Math.round(middle - half));
    return [start, Math.max(0, length - Math.round(middle + half))];
  });
  const cut = (v: Volume): Volume =>
    crop(v, [bounds[0]!, bounds[1]!, bounds[2]!, bounds[3]!, 0, 0]);
  return { name: subject.name, image: cut(image), label: cut(label) };
}

const given: Subject = {
  name: values.image,
  image: await readNiftiFile(values.image),
  ...(values.label ? { label: await readNiftiFile(values.label) } : {}),
};
const part = values.size ? cropped(given, Number(values.size)) : given;
const normalised = transformFromSpec({ name: 'ZNormalization', params: {} });
const of = (name: string, params = {}) => transformFromSpec({ name, params: { ...params, p: 1 } });
const tutorial = {
  RandomAffine: of('RandomAffine', { scales: [0.95, 1.3], degrees: 15, translation: 5 }),
  RandomFlip: transformFromSpec({
    name: 'RandomFlip',
    params: { axes: ['LR'], flipProbability: 1 },
  }),
  RandomGamma: of('RandomGamma'),
  RandomBiasField: of('RandomBiasField'),
  RandomBlur: of('RandomBlur'),
  RandomNoise: of('RandomNoise'),
};
const png = augmentationGallery({
  subject: normalised.apply(part, Rng.seed(0)),
  seed: Number(values.seed),
  panels: [
    ...Object.entries(tutorial).map(([caption, transform]) => ({
      caption,
      transforms: [transform],
    })),
    { caption: 'all of them', transforms: Object.values(tutorial) },
  ],
});
await writeFile(values.out, png);
