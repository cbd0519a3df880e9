// x[n,c,i,j,k] *= exp(sum of coefficients[n,m] X^a Y^b Z^c), m-th of the loops over a, b, c with
// a + b + c <= order; X, Y, Z run from -1 to 1 along the axes, one voxel alone is at 0
// x [N,C,D,H,W]; coefficients [N, (order+1)(order+2)(order+3)/6]
// One thread per voxel of a sample, for all channels. Source: TorchIO's BiasField.
//#include "common/linear_index.wgsl"

struct Params {
  count: u32,
  channels: u32,
  size_i: u32,
  size_j: u32,
  size_k: u32,
  order: u32,
  coefficients: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> coefficients: array<f32>;
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
  let size = vec3<u32>(params.size_i, params.size_j, params.size_k);
  let voxels = size.x * size.y * size.z;
  let sample = index / voxels;
  let voxel = index % voxels;
  let at = vec3<u32>(voxel / (size.y * size.z), voxel / size.z % size.y, voxel % size.z);
  let half_length = 0.5 * vec3<f32>(size - 1u);
  let position = (vec3<f32>(at) - half_length) / max(half_length, vec3<f32>(0.5));

  var sum = 0.0;
  var next = sample * params.coefficients;
  var of_x = 1.0;
  for (var a = 0u; a <= params.order; a++) {
    var of_xy = of_x;
    for (var b = 0u; b <= params.order - a; b++) {
      var power = of_xy;
      for (var c = 0u; c <= params.order - a - b; c++) {
        sum += coefficients[next] * power;
        power *= position.z;
        next++;
      }
      of_xy *= position.y;
    }
    of_x *= position.x;
  }
  let field = exp(sum);
  for (var channel = 0u; channel < params.channels; channel++) {
    x[(sample * params.channels + channel) * voxels + voxel] *= field;
  }
}
