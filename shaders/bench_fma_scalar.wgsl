// x = a * x + b, over and over, in CHAINS independent f32 registers per thread: the f32 ceiling
// y: [threads], the sum of the chains, so that no chain can be left out
// One thread per element of y. A chain waits for itself, so several hide the latency of a fused
// multiply-add; too many spill out of the registers. Four rounds are unrolled.
// Wong et al. 2010, "Demystifying GPU microarchitecture through microbenchmarking".
//#include "common/linear_index.wgsl"

struct Params {
  count: u32,
  rounds: u32,
  a: f32,
  b: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

override WORKGROUP_SIZE: u32 = 64u;
const CHAINS: u32 = 12u; // rewritable

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = linear_workgroup(workgroup, workgroups) * WORKGROUP_SIZE + lane;
  if (index >= params.count) {
    return;
  }
  let a = params.a;
  let b = params.b;
  let start = f32(index % 64u) / 64.0;
  var x0 = start;
  var x1 = start + 1.0;
  var x2 = start + 2.0;
  var x3 = start + 3.0;
  var x4 = start + 4.0;
  var x5 = start + 5.0;
  var x6 = start + 6.0;
  var x7 = start + 7.0;
  var x8 = start + 8.0;
  var x9 = start + 9.0;
  var x10 = start + 10.0;
  var x11 = start + 11.0;
  var x12 = start + 12.0;
  var x13 = start + 13.0;
  var x14 = start + 14.0;
  var x15 = start + 15.0;
  var x16 = start + 16.0;
  var x17 = start + 17.0;
  var x18 = start + 18.0;
  var x19 = start + 19.0;
  for (var round = 0u; round < params.rounds; round++) {
    for (var unrolled = 0u; unrolled < 4u; unrolled++) {
      x0 = fma(a, x0, b);
      x1 = fma(a, x1, b);
      x2 = fma(a, x2, b);
      x3 = fma(a, x3, b);
      x4 = fma(a, x4, b);
      x5 = fma(a, x5, b);
      x6 = fma(a, x6, b);
      x7 = fma(a, x7, b);
      x8 = fma(a, x8, b);
      x9 = fma(a, x9, b);
      x10 = fma(a, x10, b);
      x11 = fma(a, x11, b);
      if (CHAINS >= 16u) {
        x12 = fma(a, x12, b);
        x13 = fma(a, x13, b);
        x14 = fma(a, x14, b);
        x15 = fma(a, x15, b);
      }
      if (CHAINS >= 20u) {
        x16 = fma(a, x16, b);
        x17 = fma(a, x17, b);
        x18 = fma(a, x18, b);
        x19 = fma(a, x19, b);
      }
    }
  }
  y[index] = x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9 + x10 + x11
    + x12 + x13 + x14 + x15 + x16 + x17 + x18 + x19;
}
