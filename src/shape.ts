import { ShapeError } from './errors.ts';

/** Number of elements of a tensor; 1 for a scalar's empty shape. */
export function product(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** C-order strides in elements: the last axis is contiguous. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  }
  return strides;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** `[2,1,64,64,32]`, as shapes appear in messages. */
export function showShape(shape: readonly number[]): string {
  return `[${shape.join(',')}]`;
}

/** One value per spatial axis. */
export type Triple = readonly [number, number, number];

/** A number stands for the same value on all three axes, as in PyTorch. */
export function toTriple(
  value: number | readonly number[],
  name: string,
): [number, number, number] {
  if (typeof value === 'number') return [value, value, value];
  if (value.length !== 3) {
    throw new ShapeError(
      `${name}: needs a number or one value per spatial axis. Got ${showShape(value)}. Pass three values.`,
    );
  }
  return [value[0]!, value[1]!, value[2]!];
}
