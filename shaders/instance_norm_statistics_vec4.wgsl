// The mean and spread of instance_norm_statistics, four voxels at a time: x is [rows, length] of vec4,
// so that split p has the four voxels of the vec4s p, p + splits, ... in blocks of two.
//#include "common/linear_index.wgsl"

alias elem = f32; // rewritable

struct Params {
  rows: u32,
  length: u32,
  splits: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4<elem>>;
@group(0) @binding(2) var<storage, read_write> centre: array<f32>;
@group(0) @binding(3) var<storage, read_write> spread: array<f32>;

override WORKGROUP_SIZE: u32 = 64u;
const BLOCK: u32 = 2u;

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
  if (index >= params.rows * params.splits) {
    return;
  }
  let start = index / params.splits * params.length;
  var at = index % params.splits;
  let shift = f32(x[start + at].x);
  var all = Moments(0.0, 0.0, 0.0);
  for (; at + (BLOCK - 1u) * params.splits < params.length; at += BLOCK * params.splits) {
    var values: array<vec4<f32>, BLOCK>;
    var sum = vec4(0.0);
    for (var i = 0u; i < BLOCK; i++) {
      values[i] = vec4<f32>(x[start + at + i * params.splits]) - shift;
      sum += values[i];
    }
    let mean = lanes_sum(sum) / f32(4u * BLOCK);
    var squares = vec4(0.0);
    for (var i = 0u; i < BLOCK; i++) {
      squares += (values[i] - mean) * (values[i] - mean);
    }
    all = joined(all, Moments(f32(4u * BLOCK), mean, lanes_sum(squares)));
  }
  for (; at < params.length; at += params.splits) {
    let values = vec4<f32>(x[start + at]) - shift;
    let mean = lanes_sum(values) / 4.0;
    let squares = (values - mean) * (values - mean);
    all = joined(all, Moments(4.0, mean, lanes_sum(squares)));
  }
  centre[index] = shift + all.mean;
  spread[index] = all.spread;
}
