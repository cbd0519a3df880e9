// sums[c, x] += w(x) * patch[c, mirrored(x)], sums[C, x] += w(x) for the voxels x of a box,
// w = max(window_i * window_j * window_k, least)
// patches: [N, C, pi, pj, pk], of which `sample` is read; window: pi + pj + pk values, axis by axis;
// sums: [C + 1, rows, J, K], rows of a volume, the last channel the weight
// One thread per voxel of the box. A patch is one dispatch, so that the order of sums is fixed.
// Source: TorchIO GridAggregator, MONAI sliding_window_inference.
//#include "common/linear_index.wgsl"

struct Params {
  count: u32,
  channels: u32,
  sample: u32,
  box_j: u32,
  box_k: u32,
  patch_i: u32,
  patch_j: u32,
  patch_k: u32,
  from_i: u32,
  from_j: u32,
  from_k: u32,
  slab_voxels: u32,
  size_j: u32,
  size_k: u32,
  to_i: u32,
  to_j: u32,
  to_k: u32,
  mirror_i: u32,
  mirror_j: u32,
  mirror_k: u32,
  least: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> patches: array<f32>;
@group(0) @binding(2) var<storage, read> window: array<f32>;
@group(0) @binding(3) var<storage, read_write> sums: array<f32>;

override WORKGROUP_SIZE: u32 = 64u;

fn mirrored(index: u32, size: u32, mirror: u32) -> u32 {
  return select(index, size - 1u - index, mirror == 1u);
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
  let k = index % params.box_k;
  let j = (index / params.box_k) % params.box_j;
  let i = index / (params.box_k * params.box_j);
  let pi = params.from_i + i;
  let pj = params.from_j + j;
  let pk = params.from_k + k;
  let line = window[pi] * window[params.patch_i + pj];
  let weight = max(line * window[params.patch_i + params.patch_j + pk], params.least);
  let patch_voxels = params.patch_i * params.patch_j * params.patch_k;
  var at = params.sample * params.channels * patch_voxels
    + (mirrored(pi, params.patch_i, params.mirror_i) * params.patch_j
      + mirrored(pj, params.patch_j, params.mirror_j)) * params.patch_k
    + mirrored(pk, params.patch_k, params.mirror_k);
  var to = ((params.to_i + i) * params.size_j + params.to_j + j) * params.size_k + params.to_k + k;
  for (var c = 0u; c < params.channels; c++) {
    sums[to] += weight * patches[at];
    at += patch_voxels;
    to += params.slab_voxels;
  }
  sums[to] += weight;
}
