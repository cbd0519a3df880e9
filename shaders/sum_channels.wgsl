// partial[c, n, p] = sum of x[n, c] over the voxels p, p + splits, ...
// x: [N, C, voxels]   partial: [C, N, splits]
// One thread per (c, n, p). `sum_rows` adds the partial sums in a fixed order.
//#include "common/linear_index.wgsl"

alias elem = f32; // rewritable

struct Params {
  batch: u32,
  channels: u32,
  length: u32,
  splits: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<elem>;
@group(0) @binding(2) var<storage, read_write> partial: array<f32>;

override WORKGROUP_SIZE: u32 = 64u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = linear_workgroup(workgroup, workgroups) * WORKGROUP_SIZE + lane;
  if (index >= params.batch * params.channels * params.splits) {
    return;
  }
  let split = index % params.splits;
  let n = (index / params.splits) % params.batch;
  let c = index / (params.splits * params.batch);
  let row = (n * params.channels + c) * params.length;
  // In blocks: gradients of both signs cancel, and a long chain keeps the rounding of its peaks.
  var sum = 0.0;
  var voxel = split;
  while (voxel < params.length) {
    var block = 0.0;
    for (var m = 0u; m < 16u && voxel < params.length; m++) {
      block += f32(x[row + voxel]);
      voxel += params.splits;
    }
    sum += block;
  }
  partial[index] = sum;
}
