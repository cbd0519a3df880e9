// y[n,c,i,j,k] = x[n,c] at the voxel nearest to p = M_n (i,j,k,1), halves rounded up; 0 where p is
// not within half a voxel of the volume
// x, y [N,C,D,H,W] of labels; motions [N,3,4]
// One thread per voxel of a sample, for all channels. Source: ITK's NearestNeighborInterpolateImageFunction.
//#include "common/linear_index.wgsl"
//#include "common/moved_position.wgsl"

struct Params {
  count: u32,
  channels: u32,
  size_i: u32,
  size_j: u32,
  size_k: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read> motions: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> y: array<u32>;

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
  let row = 3u * sample;
  let motion = Motion(array(motions[row], motions[row + 1u], motions[row + 2u]));
  let position = moved_position(motion, voxel, size.y, size.z);
  let is_inside = inside_volume(position, vec3<f32>(size));
  let last = vec3<i32>(size) - 1;
  let nearest = vec3<u32>(clamp(vec3<i32>(floor(position + 0.5)), vec3<i32>(0), last));
  let source = (nearest.x * size.y + nearest.y) * size.z + nearest.z;
  for (var channel = 0u; channel < params.channels; channel++) {
    let base = (sample * params.channels + channel) * voxels;
    var value = 0u;
    if (is_inside) {
      value = x[base + source];
    }
    y[base + voxel] = value;
  }
}
