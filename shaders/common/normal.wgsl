// A standard normal number for a key and a counter, from 24 random bits each (Box and Muller 1958).
// `threefryNormal` of src/rng.ts is the same function. Needs threefry2x32 and log1p.
fn threefry_normal(key: vec2<u32>, counter: vec2<u32>) -> f32 {
  let uniform_values = vec2<f32>(threefry2x32(key, counter) >> vec2<u32>(8u)) * 0x1p-24;
  // -log(1 - u) = log(1 + u / (1 - u))
  let radius = sqrt(2.0 * log1p(uniform_values.x / (1.0 - uniform_values.x)));
  // cos(2 pi t) = sin(z), z = 2 pi (|t - 1/2| - 1/4). WGSL's own is good to 2^-11 only; up to pi / 2
  // the first term left out of the series, z^13 / 13!, is below 6e-8.
  let z = 6.283185307179586 * (abs(uniform_values.y - 0.5) - 0.25);
  let z2 = z * z;
  let tail = 1.0 / 362880.0 - z2 / 39916800.0;
  let series = -1.0 / 6.0 + z2 * (1.0 / 120.0 + z2 * (-1.0 / 5040.0 + z2 * tail));
  return radius * (z + z * z2 * series);
}
