// The mean and rstd of instance_norm_merge where there are at most 32 splits: one thread per row, which
// adds in the same order, to the same bits.
//#include "common/linear_index.wgsl"

struct Params {
  rows: u32,
  voxels: u32,
  splits: u32,
  per_load: u32,
  eps: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> centre: array<f32>;
@group(0) @binding(2) var<storage, read> spread: array<f32>;
@group(0) @binding(3) var<storage, read_write> mean: array<f32>;
@group(0) @binding(4) var<storage, read_write> rstd: array<f32>;

override WORKGROUP_SIZE: u32 = 64u;

// Voxels that split p has read, `per_load` at a time.
fn count_of(split: u32) -> f32 {
  let loads = params.voxels / params.per_load;
  return f32(params.per_load * ((loads - split + params.splits - 1u) / params.splits));
}

const MOST: u32 = 32u;

// The binary tree of instance_norm_merge.
fn sum_of_all(values: array<f32, MOST>) -> f32 {
  var sums = values;
  for (var half = MOST / 2u; half > 0u; half /= 2u) {
    for (var n = 0u; n < half; n++) {
      sums[n] += sums[n + half];
    }
  }
  return sums[0];
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = linear_workgroup(workgroup, workgroups) * WORKGROUP_SIZE + lane;
  if (row >= params.rows) {
    return;
  }
  let start = row * params.splits;
  let voxels = f32(params.voxels);
  let base = centre[start];
  var weighted: array<f32, MOST>;
  for (var split = 0u; split < params.splits; split++) {
    weighted[split] = count_of(split) * (centre[start + split] - base);
  }
  let mean_of_row = base + sum_of_all(weighted) / voxels;
  var squares: array<f32, MOST>;
  for (var split = 0u; split < params.splits; split++) {
    let off = centre[start + split] - mean_of_row;
    squares[split] = spread[start + split] + count_of(split) * off * off;
  }
  let variance = sum_of_all(squares) / voxels;
  mean[row] = mean_of_row;
  rstd[row] = 1.0 / sqrt(variance + params.eps);
}
