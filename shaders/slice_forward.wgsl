// y[i0, .., i4] = x[base + sum over a of ia * stride_a]
// x: up to 5 axes   y: [.., size1, .., size4], missing axes lead with size 1
// stride_a: elements of x per step along axis a of y. One thread per element of y.
//#include "common/linear_index.wgsl"

alias elem = f32; // rewritable

struct Params {
  count: u32,
  size1: u32,
  size2: u32,
  size3: u32,
  size4: u32,
  base: u32,
  stride0: u32,
  stride1: u32,
  stride2: u32,
  stride3: u32,
  stride4: u32,
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
  var rest = index;
  let i4 = rest % params.size4;
  rest /= params.size4;
  let i3 = rest % params.size3;
  rest /= params.size3;
  let i2 = rest % params.size2;
  rest /= params.size2;
  let i1 = rest % params.size1;
  let i0 = rest / params.size1;
  y[index] = x[params.base + i0 * params.stride0 + i1 * params.stride1 + i2 * params.stride2
    + i3 * params.stride3 + i4 * params.stride4];
}
