// y = (x - mean[n, c]) * rstd[n, c] * weight[c] + bias[c]
// x, y: [N, C, voxels]   mean, rstd: [N, C]   weight, bias: [C], each only if params say so
// One thread per (n, c, p): the voxels v = p, p + splits, ... of one row, so that a row is looked up
// once, not per element. Ulyanov et al. 2016, eq. 4.
//#include "common/linear_index.wgsl"

alias elem = f32; // rewritable

struct Params {
  rows: u32,
  channels: u32,
  voxels: u32,
  splits: u32,
  has_weight: u32,
  has_bias: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<elem>;
@group(0) @binding(2) var<storage, read> mean: array<f32>;
@group(0) @binding(3) var<storage, read> rstd: array<f32>;
@group(0) @binding(4) var<storage, read> weight: array<f32>;
@group(0) @binding(5) var<storage, read> bias: array<f32>;
@group(0) @binding(6) var<storage, read_write> y: array<elem>;

override WORKGROUP_SIZE: u32 = 64u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = linear_workgroup(workgroup, workgroups) * WORKGROUP_SIZE + lane;
  if (index >= params.rows * params.splits) {
    return;
  }
  let row = index / params.splits;
  let channel = row % params.channels;
  let centre = mean[row];
  var scale = rstd[row];
  var offset = 0.0;
  if (params.has_weight != 0u) {
    scale *= weight[channel];
  }
  if (params.has_bias != 0u) {
    offset = bias[channel];
  }
  let end = (row + 1u) * params.voxels;
  for (var at = row * params.voxels + index % params.splits; at < end; at += params.splits) {
    y[at] = elem((f32(x[at]) - centre) * scale + offset);
  }
}
