/**
 * The slow brightening and darkening of MRI: exp of a polynomial of the position. Source: TorchIO's
 * BiasField; Van Leemput et al. 1999, "Automated model-based tissue classification of MR images".
 */
import { ConfigError } from '../../errors.ts';
import { spatialShape, type Volume, volume, voxelsLike } from '../../io/volume.ts';
import { product, type Triple } from '../../shape.ts';
import { numbersOf } from './ranges.ts';
import type { Transform } from './transform.ts';

/** How many coefficients a polynomial of three variables has up to this order. */
export function coefficientCount(order: number): number {
  return ((order + 1) * (order + 2) * (order + 3)) / 6;
}

/** @throws ConfigError naming `caller` unless `order` is a whole number from 0 */
export function checkOrder(order: unknown, caller: string): void {
  if (Number.isSafeInteger(order) && (order as number) >= 0) return;
  throw new ConfigError(
    `${caller}: order is not that of a polynomial. Got ${JSON.stringify(order)}. Pass a whole number from 0.`,
  );
}

/** Powers 0 to `order` of each position on an axis, [size, order + 1]; it runs from -1 to 1. */
function axisPowers(size: number, order: number): Float64Array {
  const last = (size - 1) / 2;
  return Float64Array.from({ length: size * (order + 1) }, (_, n) => {
    const position = Math.floor(n / (order + 1)) - last;
    return (last > 0 ? position / last : position) ** (n % (order + 1));
  });
}

/**
 * exp(sum of coefficient·x^a·y^b·z^c), a + b + c <= order, coefficients in the order of loops over
 * a, b, c. x, y, z run from -1 to 1 over the volume's axes; one voxel alone is at 0.
 *
 * @returns [I,J,K]
 */
export function biasFieldValues(
  [I, J, K]: Triple,
  coefficients: readonly number[],
  order: number,
): Float32Array {
  const [x, y, z] = [I, J, K].map((size) => axisPowers(size, order)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const step = order + 1;
  const field = new Float32Array(product([I, J, K]));
  const alongK = new Float64Array(step);
  let at = 0;
  for (let i = 0; i < I; i++) {
    for (let j = 0; j < J; j++) {
      // On a line along k the polynomial is one of z alone.
      alongK.fill(0);
      let next = 0;
      for (let a = 0; a <= order; a++) {
        for (let b = 0; b <= order - a; b++) {
          const xy = x[i * step + a]! * y[j * step + b]!;
          for (let c = 0; c <= order - a - b; c++) {
            alongK[c] = alongK[c]! + coefficients[next++]! * xy;
          }
        }
      }
      for (let k = 0; k < K; k++) {
        let sum = 0;
        for (let c = 0; c < step; c++) sum += alongK[c]! * z[k * step + c]!;
        field[at++] = Math.exp(sum);
      }
    }
  }
  return field;
}

/** The volume times `biasFieldValues`, every channel alike. */
export function applyBiasField(v: Volume, coefficients: readonly number[], order: number): Volume {
  const field = biasFieldValues(spatialShape(v), coefficients, order);
  const data = voxelsLike(v.data, v.data.length);
  for (let n = 0; n < data.length; n++) data[n] = v.data[n]! * field[n % field.length]!;
  return volume(data, v.shape, v.affine);
}

/**
 * Multiply the image by a bias field; the label map passes through.
 *
 * @throws ConfigError for another number of coefficients than the order has
 * @see TorchIO BiasField(coefficients, order)
 */
export function biasField({
  coefficients,
  order = 3,
}: {
  /** Of x^a·y^b·z^c, in the order of loops over a, b, c with a + b + c <= order. */
  readonly coefficients: readonly number[];
  readonly order?: number;
}): Transform {
  checkOrder(order, 'biasField');
  const checked = numbersOf(coefficients, `biasField coefficients of order ${order}`, [
    coefficientCount(order),
  ]);
  return {
    name: 'BiasField',
    params: { coefficients: checked, order },
    apply: (subject) => ({ ...subject, image: applyBiasField(subject.image, checked, order) }),
  };
}
