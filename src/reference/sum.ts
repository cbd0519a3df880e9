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
