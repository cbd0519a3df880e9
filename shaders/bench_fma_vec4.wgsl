// x = a * x + b, over and over, in CHAINS independent vec4 registers per thread: the f32 ceiling
// y: [threads], the sum of all lanes of the chains, so that none can be left out
// One thread per element of y. As bench_fma_scalar, for machines whose registers are vectors.
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
const CHAINS: u32 = 3u; // rewritable

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
  let a = vec4(params.a);
  let b = vec4(params.b);
  var x0 = f32(index % 64u) / 64.0 + vec4(0.0, 1.0, 2.0, 3.0);
  var x1 = x0 + 4.0;
  var x2 = x0 + 8.0;
  var x3 = x0 + 12.0;
  var x4 = x0 + 16.0;
  for (var round = 0u; round < params.rounds; round++) {
    for (var unrolled = 0u; unrolled < 4u; unrolled++) {
      x0 = fma(a, x0, b);
      x1 = fma(a, x1, b);
      x2 = fma(a, x2, b);
      if (CHAINS >= 4u) {
        x3 = fma(a, x3, b);
      }
      if (CHAINS >= 5u) {
        x4 = fma(a, x4, b);
      }
    }
  }
  y[index] = dot(x0 + x1 + x2 + x3 + x4, vec4(1.0));
}
