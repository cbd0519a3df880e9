// x[n,c,i,j,k] <-> x[n,c,i',j',k'] of labels, i' = D-1-i where bit 0 of axes[n] is set, j' and k' by bits 1 and 2
// x [N,C,D,H,W]; axes [N]
// One thread per share of a row, for all channels; of each pair the earlier voxel's thread swaps both.
//#include "common/linear_index.wgsl"
//#include "common/row_share.wgsl"

struct Params {
  threads: u32,
  channels: u32,
  size_i: u32,
  size_j: u32,
  size_k: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> axes: array<u32>;
@group(0) @binding(2) var<storage, read_write> x: array<u32>;

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
  let flipped = axes[share.sample];
  if (flipped == 0u) {
    return;
  }
  let by_axis = (vec3<u32>(flipped) & vec3<u32>(1u, 2u, 4u)) != vec3<u32>(0u);
  let voxels = size.x * size.y * size.z;
  for (var k = share.first_k; k < size.z; k += share.step) {
    let at = vec3<u32>(share.i, share.j, k);
    let mirrored = select(at, size - 1u - at, by_axis);
    let here = (at.x * size.y + at.y) * size.z + at.z;
    let there = (mirrored.x * size.y + mirrored.y) * size.z + mirrored.z;
    if (there <= here) {
      continue;
    }
    for (var channel = 0u; channel < params.channels; channel++) {
      let base = (share.sample * params.channels + channel) * voxels;
      let value = x[base + here];
      x[base + here] = x[base + there];
      x[base + there] = value;
    }
  }
}
