// dx = rstd * (dz - mean over v of dz - z * mean over v of dz * z)
// with z = (x - mean[n, c]) * rstd[n, c] and dz = dy where z > 0, slope[c % slope_count] * dy elsewhere
// x, dy, dx: [N, C, voxels]   mean, rstd: [N, C]   slope: [1] or [C]   means: [2, C, N], of dz and of dz * z
// One thread per (n, c, p): the voxels v = p, p + splits, ... of one row.
//#include "common/linear_index.wgsl"

alias elem = f32; // rewritable

struct Params {
  batch: u32,
  channels: u32,
  length: u32,
  splits: u32,
  slope_count: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<elem>;
@group(0) @binding(2) var<storage, read> mean: array<f32>;
@group(0) @binding(3) var<storage, read> rstd: array<f32>;
@group(0) @binding(4) var<storage, read> slope: array<f32>;
@group(0) @binding(5) var<storage, read> dy: array<elem>;
@group(0) @binding(6) var<storage, read> means: array<f32>;
@group(0) @binding(7) var<storage, read_write> dx: array<elem>;

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
  let scale = rstd[row];
  let below = slope[channel % params.slope_count];
  let offset = means[channel_first];
  let tilt = means[params.batch * params.channels + channel_first];
  let end = (row + 1u) * params.length;
  for (var at = row * params.length + index % params.splits; at < end; at += params.splits) {
    let z = (f32(x[at]) - centre) * scale;
    let gradient = f32(dy[at]);
    dx[at] = elem(scale * (select(below * gradient, gradient, z > 0.0) - offset - z * tilt));
  }
}
