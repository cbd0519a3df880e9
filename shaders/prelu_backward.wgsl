// dx = dy                               where x > 0
//      weight[c % weight_count] * dy    elsewhere
// partial[c, n, p] = sum of x * dy over the elements p, p + splits, ... of (n, c) where x <= 0
// x, dy, dx: [N, C, ...]   weight: [1] or [C]   partial: [C, N, splits]
// One thread per (n, c, p). `sum_rows` adds the partial sums in a fixed order. He et al. 2015, eq. 3.
//#include "common/linear_index.wgsl"

alias elem = f32; // rewritable

struct Params {
  batch: u32,
  channels: u32,
  voxels: u32,
  splits: u32,
  weight_count: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<elem>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> dy: array<elem>;
@group(0) @binding(4) var<storage, read_write> dx: array<elem>;
@group(0) @binding(5) var<storage, read_write> partial: array<f32>;

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
  let row = index / params.splits;
  let channel = row % params.channels;
  let slope = weight[channel % params.weight_count];
  var sum = 0.0;
  for (var voxel = split; voxel < params.voxels; voxel += params.splits) {
    let at = row * params.voxels + voxel;
    let value = f32(x[at]);
    let gradient = f32(dy[at]);
    let positive = value > 0.0;
    dx[at] = elem(select(slope * gradient, gradient, positive));
    sum += select(value * gradient, 0.0, positive);
  }
  partial[(channel * params.batch + row / params.channels) * params.splits + split] = sum;
}
