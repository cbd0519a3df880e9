// y = x, the memory ceiling: every byte is read once and written once
// x, y: any one shape of 4 * count elements
// Each thread moves PER_THREAD vec4, neighbours side by side.
//#include "common/linear_index.wgsl"

struct Params {
  count: u32,
  threads: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>;

override WORKGROUP_SIZE: u32 = 64u;
const PER_THREAD: u32 = 1u; // rewritable

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = linear_workgroup(workgroup, workgroups) * WORKGROUP_SIZE + lane;
  if (index >= params.threads) {
    return;
  }
  for (var part = 0u; part < PER_THREAD; part++) {
    let at = index + part * params.threads;
    if (at < params.count) {
      y[at] = x[at];
    }
  }
}
