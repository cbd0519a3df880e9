// The sums of instance_norm_prelu_backward_sums, four voxels at a time: x and dy are [N, C, length] of
// vec4. The four lanes are added at the end.
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
@group(0) @binding(6) var<storage, read_write> sums: array<f32>;
@group(0) @binding(7) var<storage, read_write> sum_dslope: array<f32>;

override WORKGROUP_SIZE: u32 = 64u;
// Sums are taken in blocks: a long chain of additions keeps the rounding of its peaks.
const BLOCK: u32 = 8u;

fn lanes_sum(v: vec4<f32>) -> f32 {
  return (v.x + v.y) + (v.z + v.w);
}

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
  let channel = row % params.channels;
  let start = row * params.length;
  let centre = mean[row];
  let scale = rstd[row];
  let below = slope[channel % params.slope_count];
  var dz_sum = vec4(0.0);
  var dzz_sum = vec4(0.0);
  var dslope_sum = vec4(0.0);
  for (var first = split; first < params.length; first += BLOCK * params.splits) {
    var block_dz = vec4(0.0);
    var block_dzz = vec4(0.0);
    var block_dslope = vec4(0.0);
    for (var i = 0u; i < BLOCK; i++) {
      let at = first + i * params.splits;
      if (at < params.length) {
        let z = (vec4<f32>(x[start + at]) - centre) * scale;
        let gradient = vec4<f32>(dy[start + at]);
        let positive = z > vec4(0.0);
        let dz = select(below * gradient, gradient, positive);
        block_dz += dz;
        block_dzz += dz * z;
        block_dslope += select(gradient * z, vec4(0.0), positive);
      }
    }
    dz_sum += block_dz;
    dzz_sum += block_dzz;
    dslope_sum += block_dslope;
  }
  let at = (channel * params.batch + row / params.channels) * params.splits + split;
  sums[at] = lanes_sum(dz_sum);
  sums[params.batch * params.channels * params.splits + at] = lanes_sum(dzz_sum);
  sum_dslope[at] = lanes_sum(dslope_sum);
}
