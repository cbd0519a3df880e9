// y[c, x] = sums[c, x] / sums[C, x]
// sums: [C + 1, voxels], the last channel the weight; y: [C, voxels]
// One thread per element of y.
//#include "common/linear_index.wgsl"

struct Params {
  count: u32,
  voxels: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> sums: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

override WORKGROUP_SIZE: u32 = 64u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = linear_workgroup(workgroup, workgroups) * WORKGROUP_SIZE + lane;
  if (index < params.count) {
    y[index] = sums[index] / sums[params.count + index % params.voxels];
  }
}
