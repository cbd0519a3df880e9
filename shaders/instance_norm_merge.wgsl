// mean[r] = weighted mean over p of centre[r, p]
// rstd[r] = 1 / sqrt(variance + eps)
// variance = (sum over p of spread[r, p] + count[p] * (centre[r, p] - mean[r])^2) / voxels
// centre, spread: [rows, splits]   mean, rstd: [rows]
// One workgroup per row; every sum is a binary tree of fixed order. The variance is the biased one.
// Chan, Golub and LeVeque 1983, eq. 2.1, for all splits at once.
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
var<workgroup> sums: array<f32, WORKGROUP_SIZE>;

// Sum of one value per thread, the same in every thread.
fn sum_of_all(value: f32, lane: u32) -> f32 {
  workgroupBarrier();
  sums[lane] = value;
  for (var half = WORKGROUP_SIZE / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      sums[lane] += sums[lane + half];
    }
  }
  workgroupBarrier();
  return sums[0];
}

// Voxels that split p has read, `per_load` at a time.
fn count_of(split: u32) -> f32 {
  let loads = params.voxels / params.per_load;
  return f32(params.per_load * ((loads - split + params.splits - 1u) / params.splits));
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = linear_workgroup(workgroup, workgroups);
  if (row >= params.rows) {
    return;
  }
  let start = row * params.splits;
  let voxels = f32(params.voxels);
  // Differences from one of the means are small and exact where the means themselves are large.
  let base = centre[start];
  var weighted = 0.0;
  for (var split = lane; split < params.splits; split += WORKGROUP_SIZE) {
    weighted += count_of(split) * (centre[start + split] - base);
  }
  let mean_of_row = base + sum_of_all(weighted, lane) / voxels;
  var squares = 0.0;
  for (var split = lane; split < params.splits; split += WORKGROUP_SIZE) {
    let off = centre[start + split] - mean_of_row;
    squares += spread[start + split] + count_of(split) * off * off;
  }
  let variance = sum_of_all(squares, lane) / voxels;
  if (lane == 0u) {
    mean[row] = mean_of_row;
    rstd[row] = 1.0 / sqrt(variance + params.eps);
  }
}
