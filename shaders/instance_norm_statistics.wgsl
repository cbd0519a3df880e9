// centre[r, p] = mean of x[r, v] over the voxels v = p, p + splits, ...
// spread[r, p] = sum of (x[r, v] - centre[r, p])^2 over the same voxels
// x: [rows, voxels], one row per sample and channel   centre, spread: [rows, splits]
// One thread per (r, p). It joins blocks of 8 voxels, each with its own mean, so that neither a mean
// far from zero nor an outlier swallows the variance; `instance_norm_merge` joins the splits.
// Chan, Golub and LeVeque 1983, eq. 2.1.
//#include "common/linear_index.wgsl"

alias elem = f32; // rewritable

struct Params {
  rows: u32,
  length: u32,
  splits: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<elem>;
@group(0) @binding(2) var<storage, read_write> centre: array<f32>;
@group(0) @binding(3) var<storage, read_write> spread: array<f32>;

override WORKGROUP_SIZE: u32 = 64u;
const BLOCK: u32 = 8u;

struct Moments {
  count: f32,
  mean: f32,
  spread: f32,
}

fn joined(a: Moments, b: Moments) -> Moments {
  let count = a.count + b.count;
  let share = b.count / count;
  let step = b.mean - a.mean;
  return Moments(count, a.mean + step * share, a.spread + b.spread + step * step * a.count * share);
}

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
  let start = index / params.splits * params.length;
  var voxel = index % params.splits;
  let shift = f32(x[start + voxel]);
  var all = Moments(0.0, 0.0, 0.0);
  for (; voxel + (BLOCK - 1u) * params.splits < params.length; voxel += BLOCK * params.splits) {
    var values: array<f32, BLOCK>;
    var sum = 0.0;
    for (var i = 0u; i < BLOCK; i++) {
      values[i] = f32(x[start + voxel + i * params.splits]) - shift;
      sum += values[i];
    }
    let mean = sum / f32(BLOCK);
    var squares = 0.0;
    for (var i = 0u; i < BLOCK; i++) {
      squares += (values[i] - mean) * (values[i] - mean);
    }
    all = joined(all, Moments(f32(BLOCK), mean, squares));
  }
  for (; voxel < params.length; voxel += params.splits) {
    all = joined(all, Moments(1.0, f32(x[start + voxel]) - shift, 0.0));
  }
  centre[index] = shift + all.mean;
  spread[index] = all.spread;
}
