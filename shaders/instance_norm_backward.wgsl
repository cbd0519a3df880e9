// dx = weight[c] * rstd * (dy - mean over v of dy - xhat * mean over v of dy * xhat)
// with xhat = (x - mean[n, c]) * rstd[n, c]
// x, dy, dx: [N, C, voxels]   mean, rstd: [N, C]   mean_dy, mean_dyx: [C, N]   weight: [C], if params say so
// One thread per (n, c, p): the voxels v = p, p + splits, ... of one row. Ioffe and Szegedy 2015, section 3, for one sample and channel at a time.
//#include "common/linear_index.wgsl"

alias elem = f32; // rewritable

struct Params {
  batch: u32,
  channels: u32,
  voxels: u32,
  splits: u32,
  has_weight: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<elem>;
@group(0) @binding(2) var<storage, read> mean: array<f32>;
@group(0) @binding(3) var<storage, read> rstd: array<f32>;
@group(0) @binding(4) var<storage, read> weight: array<f32>;
@group(0) @binding(5) var<storage, read> dy: array<elem>;
@group(0) @binding(6) var<storage, read> mean_dy: array<f32>;
@group(0) @binding(7) var<storage, read> mean_dyx: array<f32>;
@group(0) @binding(8) var<storage, read_write> dx: array<elem>;

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
  let row = index / params.splits;
  let channel = row % params.channels;
  let channel_first = channel * params.batch + row / params.channels;
  let centre = mean[row];
  let offset = mean_dy[channel_first];
  let slope = rstd[row] * mean_dyx[channel_first];
  var scale = rstd[row];
  if (params.has_weight != 0u) {
    scale *= weight[channel];
  }
  let end = (row + 1u) * params.voxels;
  for (var at = row * params.voxels + index % params.splits; at < end; at += params.splits) {
    dx[at] = elem(scale * (f32(dy[at]) - offset - (f32(x[at]) - centre) * slope));
  }
}
