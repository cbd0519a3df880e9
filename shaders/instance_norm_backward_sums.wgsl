// sum_dy[c, n, p]  = sum of dy[n, c, v]               over the voxels v = p, p + splits, ...
// sum_dyx[c, n, p] = sum of dy[n, c, v] * xhat[n, c, v]   with xhat = (x - mean[n, c]) * rstd[n, c]
// x, dy: [N, C, voxels]   mean, rstd: [N, C]   sum_dy, sum_dyx: [C, N, splits]
// One thread per (n, c, p). `sum_rows` adds the splits in a fixed order, over N too for the
// gradients of weight and bias.
//#include "common/linear_index.wgsl"

alias elem = f32; // rewritable

struct Params {
  batch: u32,
  channels: u32,
  voxels: u32,
  splits: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<elem>;
@group(0) @binding(2) var<storage, read> mean: array<f32>;
@group(0) @binding(3) var<storage, read> rstd: array<f32>;
@group(0) @binding(4) var<storage, read> dy: array<elem>;
@group(0) @binding(5) var<storage, read_write> sum_dy: array<f32>;
@group(0) @binding(6) var<storage, read_write> sum_dyx: array<f32>;

override WORKGROUP_SIZE: u32 = 64u;
// Loads that may be under way together.
const BLOCK: u32 = 8u;

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
  let row = index / params.splits;
  let start = row * params.voxels;
  let centre = mean[row];
  var gradients = 0.0;
  var products = 0.0;
  var voxel = split;
  for (; voxel + (BLOCK - 1u) * params.splits < params.voxels; voxel += BLOCK * params.splits) {
    for (var i = 0u; i < BLOCK; i++) {
      let at = start + voxel + i * params.splits;
      gradients += f32(dy[at]);
      products += f32(dy[at]) * (f32(x[at]) - centre);
    }
  }
  for (; voxel < params.voxels; voxel += params.splits) {
    gradients += f32(dy[start + voxel]);
    products += f32(dy[start + voxel]) * (f32(x[start + voxel]) - centre);
  }
  let channel_first = row % params.channels * params.batch + row / params.channels;
  sum_dy[channel_first * params.splits + split] = gradients;
  sum_dyx[channel_first * params.splits + split] = products * rstd[row];
}
