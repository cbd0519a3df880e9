// Threefry-2x32 with 20 rounds (Salmon et al. 2011): two random words for a key and a counter.
// `threefry2x32` of src/rng.ts is the same function.
fn rotate_left(x: u32, by: u32) -> u32 {
  return (x << by) | (x >> (32u - by));
}

fn threefry_four_rounds(state: vec2<u32>, rotations: vec4<u32>) -> vec2<u32> {
  var a = state.x;
  var b = state.y;
  for (var round = 0u; round < 4u; round++) {
    a += b;
    b = rotate_left(b, rotations[round]) ^ a;
  }
  return vec2<u32>(a, b);
}

fn threefry2x32(key: vec2<u32>, counter: vec2<u32>) -> vec2<u32> {
  let even = vec4<u32>(13u, 15u, 26u, 6u);
  let odd = vec4<u32>(17u, 29u, 16u, 24u);
  let parity = key.x ^ key.y ^ 0x1bd11bdau;
  var state = counter + key;
  state = threefry_four_rounds(state, even) + vec2<u32>(key.y, parity + 1u);
  state = threefry_four_rounds(state, odd) + vec2<u32>(parity, key.x + 2u);
  state = threefry_four_rounds(state, even) + vec2<u32>(key.x, key.y + 3u);
  state = threefry_four_rounds(state, odd) + vec2<u32>(key.y, parity + 4u);
  return threefry_four_rounds(state, even) + vec2<u32>(parity, key.x + 5u);
}
