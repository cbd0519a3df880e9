// x = sign(x) |x|^exponents[n,c], which is x^exponent where x is not negative
// x [N,C,D,H,W]; exponents [N,C]
// One thread per element; an exponent of 1 leaves them alone. Source: TorchIO's Gamma.
//#include "common/linear_index.wgsl"

struct Params {
  count: u32,
  voxels: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> exponents: array<f32>;
@group(0) @binding(2) var<storage, read_write> x: array<f32>;

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
  let exponent = exponents[index / params.voxels];
  let value = x[index];
  // WGSL leaves 0 to a power open.
  if (exponent == 1.0 || value == 0.0) {
    return;
  }
  x[index] = sign(value) * pow(abs(value), exponent);
}
