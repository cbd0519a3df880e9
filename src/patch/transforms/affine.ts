/** Scaling, turning and moving what a scan shows, in millimetres; its grid stays. Source: TorchIO's Affine. */
import { ConfigError, ShapeError } from '../../errors.ts';
import { applyAffine, fromParts, invertAffine, multiplyAffine } from '../../io/affine.ts';
import type { Interpolation } from '../../io/resample.ts';
import { sampleAnywhere } from '../../io/sample_anywhere.ts';
import { type Affine, spatialShape, type Volume, volume } from '../../io/volume.ts';
import { sameShape, showShape, type Triple } from '../../shape.ts';
import type { Subject } from '../subject.ts';
import { borderMean } from './border_mean.ts';
import { minimumOf } from './minimum_of.ts';
import { numbersOf } from './ranges.ts';
import type { Transform } from './transform.ts';

/** How a motion is applied. */
export interface AffineSettings {
  /** What scaling and turning leave in place: the centre of the volume, or 0 mm. */
  readonly center?: 'image' | 'origin';
  /** Of the image, where nothing was scanned: a value, or a channel's smallest or its faces' mean. */
  readonly defaultPadValue?: number | 'minimum' | 'mean';
  readonly imageInterpolation?: Interpolation;
  readonly labelInterpolation?: Interpolation;
}

/** One number stands for all three axes R, A, S. */
export interface AffineParams extends AffineSettings {
  /** Above 1 magnifies. */
  readonly scales?: number | readonly number[];
  /** Angles about the axes; y is turned first, then x, then z. */
  readonly degrees?: number | readonly number[];
  /** Millimetres, after turning and before scaling. */
  readonly translation?: number | readonly number[];
}

/** Complete parameters. */
export interface Motion {
  readonly scales: Triple;
  readonly degrees: Triple;
  readonly translation: Triple;
}

/**
 * The settings with their defaults.
 *
 * @throws ConfigError naming `caller`
 */
export function affineSettings(
  {
    center = 'image',
    defaultPadValue = 0,
    imageInterpolation = 'linear',
    labelInterpolation = 'nearest',
  }: AffineSettings,
  caller: string,
): Required<AffineSettings> {
  const refuse = (name: string, value: unknown, legal: string) => {
    throw new ConfigError(
      `${caller}: ${name} has no legal value. Got ${JSON.stringify(value)}. Pass ${legal}.`,
    );
  };
  if (center !== 'image' && center !== 'origin') refuse('center', center, "'image' or 'origin'");
  const isPad = defaultPadValue === 'minimum' || defaultPadValue === 'mean';
  if (!isPad && !Number.isFinite(defaultPadValue)) {
    refuse('defaultPadValue', defaultPadValue, "a finite number, 'minimum' or 'mean'");
  }
  for (const [name, value] of Object.entries({ imageInterpolation, labelInterpolation })) {
    if (value !== 'linear' && value !== 'nearest') refuse(name, value, "'linear' or 'nearest'");
  }
  return { center, defaultPadValue, imageInterpolation, labelInterpolation };
}

/** R = Rz·Rx·Ry, the order of ITK's Euler angles, row-major. */
function rotation(degrees: Triple): number[] {
  const [x, y, z] = degrees.map((angle) => (angle * Math.PI) / 180) as [number, number, number];
  const [sinX, cosX, sinY, cosY] = [Math.sin(x), Math.cos(x), Math.sin(y), Math.cos(y)];
  const [sinZ, cosZ] = [Math.sin(z), Math.cos(z)];
  return [
    cosZ * cosY - sinZ * sinX * sinY,
    -sinZ * cosX,
    cosZ * sinY + sinZ * sinX * cosY,
    sinZ * cosY + cosZ * sinX * sinY,
    cosZ * cosX,
    sinZ * sinY - cosZ * sinX * cosY,
    -cosX * sinY,
    sinX,
    cosX * cosY,
  ];
}

/**
 * Where each voxel of a volume takes its value, as a 4x4 matrix from voxels to voxels: the position
 * p mm reads Rᵀ(S⁻¹(p - c) - t) + c. A volume of a single slice is neither turned out of its plane
 * nor scaled across it.
 */
export function sourceIndices(
  { shape, affine }: Pick<Volume, 'shape' | 'affine'>,
  { scales, degrees, translation }: Motion,
  center: 'image' | 'origin',
): Affine {
  const [, ...size] = shape;
  const flat = size[2] === 1;
  const turn = rotation(flat ? [0, 0, degrees[2]] : degrees);
  const back = [0, 3, 6, 1, 4, 7, 2, 5, 8].map((n) => turn[n]!);
  const [x, y, z] = applyAffine(fromParts(back, [1, 1, 1], [0, 0, 0]), translation);
  const shrink: Triple = [1 / scales[0], 1 / scales[1], flat ? 1 : 1 / scales[2]];
  const toSource = fromParts(back, shrink, [-x, -y, -z]);
  const axes = affine.map((value, n) => (n === 3 || n === 7 || n === 11 ? 0 : value));
  const about = multiplyAffine(multiplyAffine(invertAffine(axes), toSource), axes);
  const fixed: Triple =
    center === 'origin'
      ? applyAffine(invertAffine(affine), [0, 0, 0])
      : [(size[0] - 1) / 2, (size[1] - 1) / 2, (size[2] - 1) / 2];
  return fixedAt(about.map(withoutRounding), fixed);
}

/**
 * Whole and half entries exactly: quarter turns and no motion at all then read voxels as they are,
 * and no border or half-way tie falls to one side by rounding.
 */
function withoutRounding(value: number): number {
  const nearest = Math.round(2 * value) / 2;
  return Math.abs(value - nearest) < 1e-10 ? nearest : value;
}

/** The map about 0 as the same map about `point`. */
function fixedAt(about: Affine, point: Triple): Affine {
  const moved = [...about];
  for (let row = 0; row < 3; row++) {
    const [a, b, c, d] = about.slice(4 * row, 4 * row + 4) as [number, number, number, number];
    moved[4 * row + 3] = point[row]! - (a * point[0] + b * point[1] + c * point[2]) + d;
  }
  return moved;
}

/** Per channel, the value where nothing was scanned. */
function padValues({ data, shape }: Volume, mode: number | 'minimum' | 'mean'): number[] {
  const [channels, ...size] = shape;
  const part = data.length / channels;
  return Array.from({ length: channels }, (_, channel) => {
    if (typeof mode === 'number') return mode;
    const values = data.subarray(channel * part, (channel + 1) * part);
    return mode === 'mean' ? borderMean(values, size) : minimumOf(values);
  });
}

/**
 * What the subject's image and label map show, scaled, turned and moved; affines and sizes stay.
 * Label maps get 0 where nothing was scanned.
 *
 * @throws ShapeError if image and label map differ in size
 * @throws FormatError for an affine whose axes do not span space
 */
export function moveSubject(
  subject: Subject,
  motion: Motion,
  settings: Required<AffineSettings>,
): Subject {
  const { image, label, name } = subject;
  if (label && !sameShape(spatialShape(image), spatialShape(label))) {
    throw new ShapeError(
      `affine: image and label map of '${name}' differ in size. Got ${showShape(image.shape)} and ${showShape(label.shape)} [C,I,J,K]. Pair each scan with its own label map.`,
    );
  }
  const { center, defaultPadValue, imageInterpolation, labelInterpolation } = settings;
  const move = (v: Volume, interpolation: Interpolation, outside: readonly number[]): Volume => {
    const source = sourceIndices(v, motion, center);
    const data = sampleAnywhere(v, source, spatialShape(v), interpolation, outside);
    return volume(data, v.shape, v.affine);
  };
  const moved = move(image, imageInterpolation, padValues(image, defaultPadValue));
  if (!label) return { ...subject, image: moved };
  return { ...subject, image: moved, label: move(label, labelInterpolation, []) };
}

/**
 * Scale, turn and move what the scan shows: to the right, front and head where positive, on an
 * unchanged grid.
 *
 * @throws ConfigError for scales that are not above 0, and for other values that are not legal
 * @see TorchIO Affine(scales, degrees, translation, center, default_pad_value, ...)
 * Differs from TorchIO: the padding is 0 unless asked for, as in fastMONAI; there is no 'otsu'.
 */
export function affine({
  scales = 1,
  degrees = 0,
  translation = 0,
  ...rest
}: AffineParams = {}): Transform {
  const settings = affineSettings(rest, 'affine');
  const motion: Motion = {
    scales: perAxis(scales, 'affine scales'),
    degrees: perAxis(degrees, 'affine degrees'),
    translation: perAxis(translation, 'affine translation'),
  };
  if (!motion.scales.every((scale) => scale > 0)) {
    throw new ConfigError(
      `affine: scales must be above 0. Got ${showShape(motion.scales)}. Pass 1 to keep the size.`,
    );
  }
  return {
    name: 'Affine',
    params: { ...motion, ...settings },
    apply: (subject) => moveSubject(subject, motion, settings),
  };
}

function perAxis(value: number | readonly number[], name: string): Triple {
  const [first, second = first, third = first] = numbersOf(value, name, [1, 3]) as [
    number,
    number?,
    number?,
  ];
  return [first, second, third];
}
