// y[r] = scale * sum over c of x[r, c], always in the same order, for many or short rows
// x: [rows, columns]   y: [rows]
// One thread per row.
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
  var sum = 0.0;
  for (var column = 0u; column < params.columns; column++) {
    sum += x[row * params.columns + column];
  }
  y[row] = params.scale * sum;
}
