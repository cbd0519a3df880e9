// y[n,c,i,j,k] = x[n,c] at p = M_n (i,j,k,1), linear between its 8 neighbours, which are clamped to
// the volume; `outside` where p is not within half a voxel of it
// moved[n,0,i,j,k] = labels[n,0] at the voxel nearest to p, halves rounded up; 0 outside
// x, y [N,C,D,H,W]; labels, moved [N,1,D,H,W]; motions [N,3,4]
// One thread per share of a row, for labels and all channels. Source: ITK's
// LinearInterpolateImageFunction and NearestNeighborInterpolateImageFunction.
//#include "common/linear_index.wgsl"
//#include "common/row_share.wgsl"

struct Params {
  threads: u32,
  channels: u32,
  size_i: u32,
  size_j: u32,
  size_k: u32,
  outside: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read> motions: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
@group(0) @binding(5) var<storage, read_write> moved: array<u32>;

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
  let m0 = motions[3u * share.sample];
  let m1 = motions[3u * share.sample + 1u];
  let m2 = motions[3u * share.sample + 2u];
  let place = vec2<f32>(f32(share.i), f32(share.j));
  let row_start = vec3<f32>(dot(m0.xy, place), dot(m1.xy, place), dot(m2.xy, place))
    + vec3<f32>(m0.w, m1.w, m2.w);
  let along_row = vec3<f32>(m0.z, m1.z, m2.z);

  let strides = vec3<u32>(size.y * size.z, size.z, 1u);
  let voxels = size.x * strides.x;
  let limit = vec3<f32>(size) - 0.5;
  let last = vec3<f32>(size - 1u);
  let row = (share.i * size.y + share.j) * size.z;
  // A sample that stays as it is is copied.
  let moves = any(m0 != vec4<f32>(1.0, 0.0, 0.0, 0.0))
    || any(m1 != vec4<f32>(0.0, 1.0, 0.0, 0.0))
    || any(m2 != vec4<f32>(0.0, 0.0, 1.0, 0.0));
  let end = select(0u, size.z, moves);
  for (var k = share.first_k; k < end; k += share.step) {
    let position = row_start + f32(k) * along_row;
    // ITK's rule: half a voxel beyond the outermost voxels' centres belongs to the volume.
    let is_inside = all(position >= vec3<f32>(-0.5)) && all(position < limit);
    let below = floor(position);
    let weight = position - below;
    let low = vec3<u32>(clamp(below, vec3<f32>(0.0), last)) * strides;
    let high = vec3<u32>(clamp(below + 1.0, vec3<f32>(0.0), last)) * strides;
    let nearest = select(low, high, floor(position + 0.5) > below);
    let label = labels[share.sample * voxels + nearest.x + nearest.y + nearest.z];
    moved[share.sample * voxels + row + k] = select(0u, label, is_inside);
    for (var channel = 0u; channel < params.channels; channel++) {
      let base = (share.sample * params.channels + channel) * voxels;
      let low_low = base + low.x + low.y;
      let low_high = base + low.x + high.y;
      let high_low = base + high.x + low.y;
      let high_high = base + high.x + high.y;
      let before = vec4<f32>(
        x[low_low + low.z], x[low_high + low.z], x[high_low + low.z], x[high_high + low.z],
      );
      let after = vec4<f32>(
        x[low_low + high.z], x[low_high + high.z], x[high_low + high.z], x[high_high + high.z],
      );
      let along_k = before + weight.z * (after - before);
      let along_j = along_k.xz + weight.y * (along_k.yw - along_k.xz);
      let value = along_j.x + weight.x * (along_j.y - along_j.x);
      y[base + row + k] = select(params.outside, value, is_inside);
    }
  }
  for (var k = max(share.first_k, end); k < size.z; k += share.step) {
    let voxel = share.sample * voxels + row + k;
    moved[voxel] = labels[voxel];
    for (var channel = 0u; channel < params.channels; channel++) {
      let at = (share.sample * params.channels + channel) * voxels + row + k;
      y[at] = x[at];
    }
  }
}
