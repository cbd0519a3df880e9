// label[x] = the c of the largest sums[c, x] / sums[C, x], the lowest of equals;
// of one channel 1 where that reaches `threshold`, otherwise 0
// sums: [C + 1, voxels], the last channel the weight; labels: per_word classes packed into each u32,
// the first in the lowest bits
// One thread per word of labels.
//#include "common/linear_index.wgsl"

struct Params {
  count: u32,
  channels: u32,
  voxels: u32,
  per_word: u32,
  threshold: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> sums: array<f32>;
@group(0) @binding(2) var<storage, read_write> labels: array<u32>;

override WORKGROUP_SIZE: u32 = 64u;

fn label_of(voxel: u32) -> u32 {
  let weight = sums[params.channels * params.voxels + voxel];
  var largest = sums[voxel] / weight;
  if (params.channels == 1u) {
    return select(0u, 1u, largest >= params.threshold);
  }
  var label = 0u;
  for (var c = 1u; c < params.channels; c++) {
    let value = sums[c * params.voxels + voxel] / weight;
    if (value > largest) {
      largest = value;
      label = c;
    }
  }
  return label;
}

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
  let bits = 32u / params.per_word;
  let first = index * params.per_word;
  let end = min(params.voxels, first + params.per_word);
  var word = 0u;
  for (var voxel = first; voxel < end; voxel++) {
    word |= label_of(voxel) << (bits * (voxel - first));
  }
  labels[index] = word;
}
