// y = sum over distances d of w(d) (x before + x after) / sum of w: a Gaussian along one axis, w(d) =
// exp(-d^2 / 2 sigma^2) up to `radius`; beyond the border x is mirrored, its last voxel repeated
// x, y [N,C,...], of which an axis has `size` voxels that lie `stride` elements apart;
// kernels [N,3,2]: of axis 0, 1, 2 the radius and w(1)
// One thread per 8 neighbours of a line, which take two new elements per distance together. Source:
// SciPy's gaussian_filter1d.
//#include "common/linear_index.wgsl"

struct Params {
  threads: u32,
  threads_per_sample: u32,
  axis: u32,
  size: u32,
  stride: u32,
  blocks: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> kernels: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

// A walk along the line, which turns round at its ends and visits the last voxel twice.
struct Walk {
  place: i32,
  direction: i32,
}

fn walked(walk: Walk) -> Walk {
  let next = walk.place + walk.direction;
  let is_inside = next >= 0 && next < i32(params.size);
  return Walk(
    select(walk.place, next, is_inside),
    select(-walk.direction, walk.direction, is_inside),
  );
}

fn store(at: u32, n: u32, left: u32, value: f32) {
  if (n < left) {
    y[at + n * params.stride] = value;
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
  let kernel = kernels[3u * (index / params.threads_per_sample) + params.axis];
  let radius = i32(kernel.x);
  let group = index / params.stride;
  let line = group / params.blocks;
  let first = line * params.size * params.stride + index - group * params.stride;
  let place = 8u * (group - line * params.blocks);

  // The block itself; then, at every distance, both windows move on by one new element.
  var before = Walk(i32(place), -1);
  var after = Walk(i32(place), 1);
  var after_near = vec4<f32>(0.0);
  var after_far = vec4<f32>(0.0);
  for (var n = 0u; n < 8u; n++) {
    after_near = vec4<f32>(after_near.yzw, after_far.x);
    after_far = vec4<f32>(after_far.yzw, x[first + u32(after.place) * params.stride]);
    if (n < 7u) {
      after = walked(after);
    }
  }
  var before_near = after_near;
  var before_far = after_far;
  var sum_near = after_near;
  var sum_far = after_far;
  var total = 1.0;
  // w(d+1) / w(d) = w(1)^(2d+1): no exponential per distance.
  var weight = 1.0;
  var ratio = kernel.y;
  let ratio_of_ratios = kernel.y * kernel.y;
  for (var distance = 1; distance <= radius; distance++) {
    weight *= ratio;
    ratio *= ratio_of_ratios;
    total += 2.0 * weight;
    before = walked(before);
    after = walked(after);
    before_far = vec4<f32>(before_near.w, before_far.xyz);
    before_near = vec4<f32>(x[first + u32(before.place) * params.stride], before_near.xyz);
    after_near = vec4<f32>(after_near.yzw, after_far.x);
    after_far = vec4<f32>(after_far.yzw, x[first + u32(after.place) * params.stride]);
    sum_near += weight * (before_near + after_near);
    sum_far += weight * (before_far + after_far);
  }
  let at = first + place * params.stride;
  let left = params.size - place;
  store(at, 0u, left, sum_near.x / total);
  store(at, 1u, left, sum_near.y / total);
  store(at, 2u, left, sum_near.z / total);
  store(at, 3u, left, sum_near.w / total);
  store(at, 4u, left, sum_far.x / total);
  store(at, 5u, left, sum_far.y / total);
  store(at, 6u, left, sum_far.z / total);
  store(at, 7u, left, sum_far.w / total);
}
