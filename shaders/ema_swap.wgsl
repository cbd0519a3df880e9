// a, b = b, a, in place: averaged weights take the place of the trained ones, and give it back
// a, b: any one shape, `count` elements
// One thread per `threads`-th element: 8 of them, so that the index is worked out once.
//#include "common/linear_index.wgsl"

struct Params {
  count: u32,
  threads: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> a: array<f32>;
@group(0) @binding(2) var<storage, read_write> b: array<f32>;

override WORKGROUP_SIZE: u32 = 64u;

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
  for (var at = index; at < params.count; at += params.threads) {
    let kept = a[at];
    a[at] = b[at];
    b[at] = kept;
  }
}
