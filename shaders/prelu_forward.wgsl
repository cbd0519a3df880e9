// y = x                              where x > 0
//     weight[c % weight_count] * x   elsewhere
// x, y: [N, C, ...]   weight: [1] or [C]
// One thread per element. He et al. 2015, eq. 1.
//#include "common/linear_index.wgsl"

alias elem = f32; // rewritable

struct Params {
  count: u32,
  voxels: u32,
  weight_count: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<elem>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<elem>;

override WORKGROUP_SIZE: u32 = 64u;

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
  let slope = weight[(index / params.voxels) % params.weight_count];
  let value = f32(x[index]);
  y[index] = elem(select(slope * value, value, value > 0.0));
}
