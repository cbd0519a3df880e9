// y[n,c,i,j,k] = x[n,c] at p = M_n (i,j,k,1), linear between its 8 neighbours, which are clamped to
// the volume; `outside` where p is not within half a voxel of it
// x, y [N,C,D,H,W]; motions [N,3,4]
// One thread per voxel of a sample, for all channels. Source: ITK's LinearInterpolateImageFunction.
//#include "common/linear_index.wgsl"
//#include "common/moved_position.wgsl"

struct Params {
  count: u32,
  channels: u32,
  size_i: u32,
  size_j: u32,
  size_k: u32,
  outside: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> motions: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

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
  let strides = vec3<u32>(size.y * size.z, size.z, 1u);
  let voxels = size.x * strides.x;
  let sample = index / voxels;
  let voxel = index % voxels;
  let row = 3u * sample;
  let motion = Motion(array(motions[row], motions[row + 1u], motions[row + 2u]));
  let position = moved_position(motion, voxel, size.y, size.z);
  let is_inside = inside_volume(position, vec3<f32>(size));

  let below = floor(position);
  let weight = position - below;
  let last = vec3<i32>(size) - 1;
  let low = vec3<u32>(clamp(vec3<i32>(below), vec3<i32>(0), last)) * strides;
  let high = vec3<u32>(clamp(vec3<i32>(below) + 1, vec3<i32>(0), last)) * strides;
  for (var channel = 0u; channel < params.channels; channel++) {
    let base = (sample * params.channels + channel) * voxels;
    var value = params.outside;
    if (is_inside) {
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
      value = along_j.x + weight.x * (along_j.y - along_j.x);
    }
    y[base + voxel] = value;
  }
}
