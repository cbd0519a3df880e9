// The mean and rstd of instance_norm_merge where there are few splits: one thread per row, which adds
// in the order of the splits.
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
  var weighted = 0.0;
  for (var split = 0u; split < params.splits; split++) {
    weighted += count_of(split) * (centre[start + split] - base);
  }
  let mean_of_row = base + weighted / voxels;
  var squares = 0.0;
  for (var split = 0u; split < params.splits; split++) {
    let off = centre[start + split] - mean_of_row;
    squares += spread[start + split] + count_of(split) * off * off;
  }
  mean[row] = mean_of_row;
  rstd[row] = 1.0 / sqrt(squares / voxels + params.eps);
}
