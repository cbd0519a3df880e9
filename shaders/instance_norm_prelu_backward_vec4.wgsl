// dx of instance_norm_prelu_backward, four voxels at a time: x, dy and dx are [N, C, length] of vec4.
// On the software adapter it is twice as fast.
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
@group(0) @binding(1) var<storage, read> x: array<vec4<elem>>;
@group(0) @binding(2) var<storage, read> mean: array<f32>;
@group(0) @binding(3) var<storage, read> rstd: array<f32>;
@group(0) @binding(4) var<storage, read> slope: array<f32>;
@group(0) @binding(5) var<storage, read> dy: array<vec4<elem>>;
@group(0) @binding(6) var<storage, read> means: array<f32>;
@group(0) @binding(7) var<storage, read_write> dx: array<vec4<elem>>;

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
    let z = (vec4<f32>(x[at]) - centre) * scale;
    let gradient = vec4<f32>(dy[at]);
    dx[at] = vec4<elem>(scale * (select(below * gradient, gradient, z > vec4(0.0)) - offset - z * tilt));
  }
}
