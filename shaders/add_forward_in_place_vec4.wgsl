// y = y + x
// x, y: any one shape, its size divisible by 4
// As add_forward_in_place, four elements at a time: one thread per `threads`-th vec4.
//#include "common/linear_index.wgsl"

alias elem = f32; // rewritable

struct Params {
  count: u32,
  threads: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4<elem>>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4<elem>>;

override WORKGROUP_SIZE: u32 = 64u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = linear_workgroup(workgroup, workgroups) * WORKGROUP_SIZE + lane;
  if (index >= params.threads) {
    return;
  }
  for (var at = index; at < params.count; at += params.threads) {
    y[at] = vec4<elem>(vec4<f32>(y[at]) + vec4<f32>(x[at]));
  }
}
