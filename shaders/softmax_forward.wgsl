// y[c] = exp(x[c] - max) / sum over k of exp(x[k] - max)
// x, y: [N, C, voxels]
// One thread per (n, voxel); neighbouring threads read neighbouring voxels. The maximum is taken
// off so that nothing overflows.
//#include "common/linear_index.wgsl"

alias elem = f32; // rewritable

struct Params {
  count: u32,
  channels: u32,
  voxels: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<elem>;
@group(0) @binding(2) var<storage, read_write> y: array<elem>;

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
  let start = (index / params.voxels) * params.channels * params.voxels + index % params.voxels;
  let end = start + params.channels * params.voxels;
  var largest = f32(x[start]);
  for (var at = start + params.voxels; at < end; at += params.voxels) {
    largest = max(largest, f32(x[at]));
  }
  var total = 0.0;
  for (var at = start; at < end; at += params.voxels) {
    total += exp(f32(x[at]) - largest);
  }
  let scale = 1.0 / total;
  for (var at = start; at < end; at += params.voxels) {
    y[at] = elem(exp(f32(x[at]) - largest) * scale);
  }
}
