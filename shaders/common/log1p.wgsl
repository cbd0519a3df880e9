// log(1 + x) for x >= 0. WGSL's log has an absolute error of 2^-21 near 1, and 1 + x rounds a
// small x away; up to 1 the series 2 * artanh(x / (2 + x)) keeps the relative error near f32's own.
fn log1p(x: f32) -> f32 {
  if (x > 1.0) {
    return log(1.0 + x);
  }
  let z = x / (2.0 + x);
  let z2 = z * z;
  // z <= 1/3: the first term left out, 2 z^15 / 15, is below 1e-8.
  let series = 1.0 / 5.0 + z2 * (1.0 / 7.0 + z2 * (1.0 / 9.0 + z2 * (1.0 / 11.0 + z2 / 13.0)));
  return 2.0 * z * (1.0 + z2 * (1.0 / 3.0 + z2 * series));
}
