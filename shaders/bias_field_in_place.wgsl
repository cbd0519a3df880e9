// x[n,c,i,j,k] *= exp(sum of coefficients[n,m] X^a Y^b Z^c), m-th of the loops over a, b, c with
// a + b + c <= order; X, Y, Z run from -1 to 1 along the axes, one voxel alone is at 0
// x [N,C,D,H,W]; coefficients [N, (order+1)(order+2)(order+3)/6]
// One thread per share of a row, its 8 voxels at once, for all channels. Source: TorchIO's BiasField.
//#include "common/linear_index.wgsl"
//#include "common/row_share.wgsl"

struct Params {
  threads: u32,
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

fn scale_voxel(at: u32, n: u32, end: u32, step: u32, field: f32) {
  if (n < end) {
    x[at + n * step] *= field;
  }
}

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
  let size = vec3<u32>(params.size_i, params.size_j, params.size_k);
  let share = row_share(index, size);
  let half_length = 0.5 * vec3<f32>(size - 1u);
  let scale = 1.0 / max(half_length, vec3<f32>(0.5));
  let row = (vec2<f32>(f32(share.i), f32(share.j)) - half_length.xy) * scale.xy;
  let step = f32(share.step);
  let near = vec4<f32>(0.0, step, 2.0 * step, 3.0 * step) + f32(share.first_k) - half_length.z;
  let z_near = near * scale.z;
  let z_far = (near + 4.0 * step) * scale.z;

  // In a row the polynomial is one of Z alone: its coefficients are sums over a and b.
  let first_term = share.sample * params.coefficients;
  var sum_near = vec4<f32>(0.0);
  var sum_far = vec4<f32>(0.0);
  var power_near = vec4<f32>(1.0);
  var power_far = vec4<f32>(1.0);
  for (var c = 0u; c <= params.order; c++) {
    var of_row = 0.0;
    var term = first_term + c;
    var of_x = 1.0;
    for (var a = 0u; a <= params.order - c; a++) {
      var of_xy = of_x;
      for (var b = 0u; b <= params.order - c - a; b++) {
        of_row += coefficients[term] * of_xy;
        of_xy *= row.y;
        term += params.order - a - b + 1u;
      }
      // Those of higher b have no Z^c.
      term += c * (c + 1u) / 2u;
      of_x *= row.x;
    }
    sum_near += of_row * power_near;
    sum_far += of_row * power_far;
    power_near *= z_near;
    power_far *= z_far;
  }
  let near_field = exp(sum_near);
  let far_field = exp(sum_far);
  let voxels = size.x * size.y * size.z;
  let first_voxel = (share.i * size.y + share.j) * size.z + share.first_k;
  let end = (size.z - share.first_k + share.step - 1u) / share.step;
  for (var channel = 0u; channel < params.channels; channel++) {
    let at = (share.sample * params.channels + channel) * voxels + first_voxel;
    scale_voxel(at, 0u, end, share.step, near_field.x);
    scale_voxel(at, 1u, end, share.step, near_field.y);
    scale_voxel(at, 2u, end, share.step, near_field.z);
    scale_voxel(at, 3u, end, share.step, near_field.w);
    scale_voxel(at, 4u, end, share.step, far_field.x);
    scale_voxel(at, 5u, end, share.step, far_field.y);
    scale_voxel(at, 6u, end, share.step, far_field.z);
    scale_voxel(at, 7u, end, share.step, far_field.w);
  }
}
