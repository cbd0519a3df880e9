// y[r] = scale * sum over c of x[r, c], always in the same order
// x: [rows, columns]   y: [rows]
// One workgroup per row: each thread adds every WORKGROUP_SIZE-th column, then a binary tree.
//#include "common/linear_index.wgsl"

struct Params {
  rows: u32,
  columns: u32,
  scale: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

override WORKGROUP_SIZE: u32 = 64u;
var<workgroup> sums: array<f32, WORKGROUP_SIZE>;

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
  // In blocks: a long chain that adds one value again and again rounds the same way each time.
  var sum = 0.0;
  var column = lane;
  while (column < params.columns) {
    var block = 0.0;
    for (var n = 0u; n < 64u && column < params.columns; n++) {
      block += x[row * params.columns + column];
      column += WORKGROUP_SIZE;
    }
    sum += block;
  }
  sums[lane] = sum;
  for (var half = WORKGROUP_SIZE / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      sums[lane] += sums[lane + half];
    }
  }
  if (lane == 0u) {
    y[row] = params.scale * sums[0];
  }
}
