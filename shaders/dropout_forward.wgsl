// y = x / (1 - p) where u >= p, 0 elsewhere
// u: uniform in [0, 1), element n takes the upper 24 bits of Threefry(key, (0, n))
// x, y: any one shape. One thread per element. The backward pass is the same on dy: the mask is
// drawn again from the key, not kept. Srivastava et al. 2014, inverted scaling.
//#include "common/linear_index.wgsl"
//#include "common/threefry.wgsl"

alias elem = f32; // rewritable

struct Params {
  count: u32,
  key0: u32,
  key1: u32,
  p: f32,
  scale: f32,
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
  let bits = threefry2x32(vec2<u32>(params.key0, params.key1), vec2<u32>(0u, index)).x;
  let uniform_value = f32(bits >> 8u) * 0x1p-24;
  y[index] = elem(select(0.0, f32(x[index]) * params.scale, uniform_value >= params.p));
}
