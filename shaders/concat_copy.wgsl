// y[n, y_offset + m] = x[n, x_offset + m]   for m = 0 .. length-1
// x: [N, x_row]   y: [N, y_row]: the channels and voxels of one sample are one row
// One thread per copied element. Forward: an input goes to its channels of y; backward: those
// channels of dy come back.
//#include "common/linear_index.wgsl"

alias elem = f32; // rewritable

struct Params {
  count: u32,
  length: u32,
  x_row: u32,
  x_offset: u32,
  y_row: u32,
  y_offset: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<elem>;
@group(0) @binding(2) var<storage, read_write> y: array<elem>;

override WORKGROUP_SIZE: u32 = 64u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = linear_workgroup(workgroup, workgroups) * WORKGROUP_SIZE + lane;
  if (index >= params.count) {
    return;
  }
  let sample = index / params.length;
  let at = index % params.length;
  y[sample * params.y_row + params.y_offset + at] = x[sample * params.x_row + params.x_offset + at];
}
