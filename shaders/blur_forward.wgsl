// y = sum over distances d of w(d) (x before + x after) / sum of w: a Gaussian along one axis, w(d) =
// exp(-d^2 / 2 sigma^2) up to `radius`; beyond the border x is mirrored, its last voxel repeated
// x, y [N,C,...], of which an axis has `size` voxels that lie `stride` elements apart;
// kernels [N,3,2]: of axis 0, 1, 2 the radius and w(1)
// One thread per element. Source: SciPy's gaussian_filter1d.
//#include "common/linear_index.wgsl"

struct Params {
  count: u32,
  sample_size: u32,
  axis: u32,
  size: u32,
  stride: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> kernels: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

fn mirrored(index: i32) -> u32 {
  let size = i32(params.size);
  if (index >= 0 && index < size) {
    return u32(index);
  }
  let period = 2 * size;
  let folded = ((index % period) + period) % period;
  return u32(select(period - 1 - folded, folded, folded < size));
}

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
  let kernel = kernels[3u * (index / params.sample_size) + params.axis];
  let radius = i32(kernel.x);
  if (radius == 0) {
    y[index] = x[index];
    return;
  }
  let place = index / params.stride % params.size;
  let first = index - place * params.stride;
  var sum = x[index];
  var total = 1.0;
  // w(d+1) / w(d) = w(1)^(2d+1): no exponential per distance.
  var weight = 1.0;
  var ratio = kernel.y;
  let ratio_of_ratios = kernel.y * kernel.y;
  for (var distance = 1; distance <= radius; distance++) {
    weight *= ratio;
    ratio *= ratio_of_ratios;
    let before = x[first + mirrored(i32(place) - distance) * params.stride];
    let after = x[first + mirrored(i32(place) + distance) * params.stride];
    sum += weight * (before + after);
    total += 2.0 * weight;
  }
  y[index] = sum / total;
}
