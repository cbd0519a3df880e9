/** What values label maps hold, and the classes that they become. */
import { ConfigError, FormatError } from '../errors.ts';
import type { Volume } from '../io/volume.ts';

/** More are an image, not a label map. */
const MOST_VALUES = 64;

/**
 * Voxels by label value, ascending.
 *
 * @param path names the file in errors
 * @throws FormatError for a value that is no whole number from 0, and for more than 64 of them
 */
export function labelValues({ data }: Volume, path: string): Map<number, number> {
  const counts = new Map<number, number>();
  for (let n = 0; n < data.length; ) {
    const value = data[n]!;
    const start = n;
    while (n < data.length && data[n] === value) n++;
    // NaN equals nothing, itself neither.
    if (n === start || !Number.isInteger(value) || value < 0) {
      throw new FormatError(
        `${path}: labelValues: a label is no whole number from 0. Got ${value}. Choose a label map, not an image or probabilities.`,
      );
    }
    counts.set(value, (counts.get(value) ?? 0) + n - start);
    if (counts.size <= MOST_VALUES) continue;
    throw new FormatError(
      `${path}: labelValues: too many values for a label map. Got more than ${MOST_VALUES}. Choose a label map, not an image.`,
    );
  }
  return new Map([...counts].sort((a, b) => a[0] - b[0]));
}

/** How labels become classes. */
export interface LabelClasses {
  /** All labels above 0 become 1. */
  readonly binary: boolean;
  /** The label value of each class, ascending from 0. Ignored if binary. */
  readonly values: readonly number[];
}

/**
 * The label map with the number of its class in each voxel.
 *
 * @throws FormatError for a value that belongs to no class
 */
export function toClasses(label: Volume, { binary, values }: LabelClasses, path: string): Volume {
  if (binary) return { ...label, data: label.data.map((value) => (value > 0 ? 1 : 0)) };
  const classOf = new Map(values.map((value, index) => [value, index]));
  const stranger = label.data.find((value) => !classOf.has(value));
  if (stranger !== undefined) {
    throw new FormatError(
      `${path}: toClasses: a label belongs to no class. Got ${stranger}, the classes are made of ${values.join(', ')}. Read the label maps again.`,
    );
  }
  // Without gaps there is nothing to renumber.
  if (values.every((value, index) => value === index)) return label;
  return { ...label, data: label.data.map((value) => classOf.get(value)!) };
}

/**
 * Class names, the background first.
 *
 * @param given by class; what is missing or empty gets a name
 * @throws ConfigError for a name that is there twice
 */
export function classNamesFor(count: number, given: readonly string[] = []): string[] {
  const binary = count === 2 ? 'foreground' : undefined;
  const names = Array.from({ length: count }, (_, index) => {
    const name = given[index]?.trim();
    return name || (index === 0 ? 'background' : (binary ?? `class_${index}`));
  });
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return names;
  throw new ConfigError(
    `classNamesFor: two classes have one name. Got '${twice}' twice. Give each its own.`,
  );
}
