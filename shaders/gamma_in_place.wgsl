// x = sign(x) |x|^exponents[n,c], which is x^exponent where x is not negative
// x [N,C,D,H,W]; exponents [N,C]
// `share` threads per channel, each for every share-th element; an exponent of 1 leaves them alone.
// Source: TorchIO's Gamma.
//#include "common/linear_index.wgsl"

struct Params {
  threads: u32,
  share: u32,
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
  if (index >= params.threads) {
    return;
  }
  let channel = index / params.share;
  let exponent = exponents[channel];
  if (exponent == 1.0) {
    return;
  }
  let end = (channel + 1u) * params.voxels;
  let start = channel * params.voxels + index - channel * params.share;
  for (var at = start; at < end; at += params.share) {
    let value = x[at];
    // WGSL leaves 0 to a power open.
    x[at] = select(sign(value) * pow(abs(value), exponent), 0.0, value == 0.0);
  }
}
