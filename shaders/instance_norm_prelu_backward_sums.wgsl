// sums[0, c, n, p]    = sum of dz[n, c, v]               over the voxels v = p, p + splits, ...
// sums[1, c, n, p]    = sum of dz[n, c, v] * z[n, c, v]
// sum_dslope[c, n, p] = sum of dy[n, c, v] * z[n, c, v]  where z <= 0
// with z = (x - mean[n, c]) * rstd[n, c] and dz = dy where z > 0, slope[c % slope_count] * dy elsewhere
// x, dy: [N, C, voxels]   mean, rstd: [N, C]   slope: [1] or [C]   sums: [2, C, N, splits]   sum_dslope: [C, N, splits]
// One thread per (n, c, p). `sum_rows` adds the splits in a fixed order.
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
@group(0) @binding(6) var<storage, read_write> sums: array<f32>;
@group(0) @binding(7) var<storage, read_write> sum_dslope: array<f32>;

override WORKGROUP_SIZE: u32 = 64u;
// Sums are taken in blocks: a long chain of additions keeps the rounding of its peaks.
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
  let channel = row % params.channels;
  let start = row * params.length;
  let centre = mean[row];
  let scale = rstd[row];
  let below = slope[channel % params.slope_count];
  var all = vec3(0.0);
  for (var first = split; first < params.length; first += BLOCK * params.splits) {
    var block = vec3(0.0);
    for (var i = 0u; i < BLOCK; i++) {
      let voxel = first + i * params.splits;
      if (voxel < params.length) {
        let z = (f32(x[start + voxel]) - centre) * scale;
        let gradient = f32(dy[start + voxel]);
        let positive = z > 0.0;
        let dz = select(below * gradient, gradient, positive);
        block += vec3(dz, dz * z, select(gradient * z, 0.0, positive));
      }
    }
    all += block;
  }
  let at = (channel * params.batch + row / params.channels) * params.splits + split;
  sums[at] = all.x;
  sums[params.batch * params.channels * params.splits + at] = all.y;
  sum_dslope[at] = all.z;
}
