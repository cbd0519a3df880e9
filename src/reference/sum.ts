/** y[r] = scale * sum over c of x[r, c]; x is read as [rows, x.length / rows]. */
export function sumRows(x: Float32Array, rows: number, scale = 1): Float32Array {
  const columns = x.length / rows;
  const y = new Float32Array(rows);
  for (let r = 0; r < rows; r++) {
    let sum = 0;
    for (let c = 0; c < columns; c++) sum += x[r * columns + c]!;
    y[r] = scale * sum;
  }
  return y;
}

/** y[c] = sum of x over batch and voxels. x: [N, C, voxels] -> [C] */
export function sumChannels(x: Float32Array, channels: number, voxels: number): Float32Array {
  const y = new Float64Array(channels);
  for (let n = 0; n < x.length; n++) y[Math.floor(n / voxels) % channels]! += x[n]!;
  return Float32Array.from(y);
}
