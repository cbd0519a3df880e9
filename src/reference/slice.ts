/** Every step-th index of each axis, and its gradient. NumPy's basic slicing. */

/** Indices of one axis: start, start + step, ..., `size` of them. */
export interface AxisSlice {
  readonly start: number;
  readonly step: number;
  readonly size: number;
}

/** Calls `visit` with the index in x of every element of y, in order. */
function forEachSource(
  shape: readonly number[],
  axes: readonly AxisSlice[],
  visit: (source: number) => void,
): void {
  const walk = (axis: number, row: number): void => {
    if (axis === shape.length) {
      visit(row);
      return;
    }
    const { start, step, size } = axes[axis]!;
    for (let k = 0; k < size; k++) walk(axis + 1, row * shape[axis]! + start + k * step);
  };
  walk(0, 0);
}

/** x: `shape` -> y of the axes' sizes. */
export function sliceForward(
  x: Float32Array,
  shape: readonly number[],
  axes: readonly AxisSlice[],
): Float32Array {
  const y: number[] = [];
  forEachSource(shape, axes, (source) => y.push(x[source]!));
  return Float32Array.from(y);
}

/** dy of the axes' sizes -> dx: `shape`, 0 where the slice took nothing. */
export function sliceBackward(
  dy: Float32Array,
  shape: readonly number[],
  axes: readonly AxisSlice[],
): Float32Array {
  const dx = new Float32Array(shape.reduce((a, b) => a * b, 1));
  let at = 0;
  forEachSource(shape, axes, (source) => {
    dx[source] = dy[at++]!;
  });
  return dx;
}
