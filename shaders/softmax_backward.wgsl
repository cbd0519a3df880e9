// dx[c] = y[c] * (dy[c] - sum over k of y[k] dy[k])
// y (result of the forward pass), dy, dx: [N, C, voxels]
// One thread per (n, voxel).
//#include "common/linear_index.wgsl"

alias elem = f32; // rewritable

struct Params {
  count: u32,
  channels: u32,
  voxels: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<elem>;
@group(0) @binding(2) var<storage, read> dy: array<elem>;
@group(0) @binding(3) var<storage, read_write> dx: array<elem>;

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
  var mean = 0.0;
  for (var at = start; at < end; at += params.voxels) {
    mean += f32(y[at]) * f32(dy[at]);
  }
  for (var at = start; at < end; at += params.voxels) {
    dx[at] = elem(f32(y[at]) * (f32(dy[at]) - mean));
  }
}
