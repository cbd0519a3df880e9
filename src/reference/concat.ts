/** Concatenation along channels, and its gradient: the pieces of dy. */

/** inputs: [N, lengths[i]] each, a length being channels times voxels -> [N, sum of lengths]. */
export function concatForward(inputs: readonly Float32Array[], batch: number): Float32Array {
  const y = new Float32Array(inputs.reduce((size, x) => size + x.length, 0));
  let at = 0;
  for (let n = 0; n < batch; n++) {
    for (const x of inputs) {
      const length = x.length / batch;
      for (let m = 0; m < length; m++) y[at++] = x[n * length + m]!;
    }
  }
  return y;
}

/** dy: [N, sum of lengths] -> one gradient per input. */
export function concatBackward(
  dy: Float32Array,
  lengths: readonly number[],
  batch: number,
): Float32Array[] {
  const gradients = lengths.map((length) => new Float32Array(batch * length));
  let at = 0;
  for (let n = 0; n < batch; n++) {
    lengths.forEach((length, i) => {
      for (let m = 0; m < length; m++) gradients[i]![n * length + m] = dy[at++]!;
    });
  }
  return gradients;
}
