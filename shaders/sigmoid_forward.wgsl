// y[n] = 1 / (1 + exp(-x[n]))
// x, y: any shape
// One thread per element. The exponential is of -|x|, so that nothing overflows.
//#include "common/linear_index.wgsl"

alias elem = f32; // rewritable

struct Params {
  count: u32,
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
  let value = f32(x[index]);
  let power = exp(-abs(value));
  y[index] = elem(select(power, 1.0, value >= 0.0) / (1.0 + power));
}
