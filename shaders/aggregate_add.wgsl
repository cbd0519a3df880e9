// sums[c, x] += w(x) * patch[c, mirrored(x)], sums[C, x] += w(x) for the voxels x of a box,
// w = max(window_i * window_j * window_k, least)
// patches: [N, C, pi, pj, pk], of which `sample` is read; window: pi + pj + pk values, axis by axis;
// sums: [C + 1, rows, J, K], rows of a volume, the last channel the weight
// One thread per VOXELS neighbours along k, the last of a line fewer. A patch is one dispatch, so that
// the order of sums is fixed.
// Source: TorchIO GridAggregator, MONAI sliding_window_inference.
//#include "common/linear_index.wgsl"

struct Params {
  count: u32,
  channels: u32,
  sample: u32,
  box_j: u32,
  box_k: u32,
  threads_k: u32,
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
const VOXELS: u32 = 4u; // rewritable

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
  let j = (index / params.threads_k) % params.box_j;
  let i = index / (params.threads_k * params.box_j);
  let first = (index % params.threads_k) * VOXELS;
  let end = min(first + VOXELS, params.box_k);
  let pi = params.from_i + i;
  let pj = params.from_j + j;
  let line = window[pi] * window[params.patch_i + pj];
  let window_k = params.patch_i + params.patch_j + params.from_k;
  let patch_voxels = params.patch_i * params.patch_j * params.patch_k;
  let at = params.sample * params.channels * patch_voxels
    + (mirrored(pi, params.patch_i, params.mirror_i) * params.patch_j
      + mirrored(pj, params.patch_j, params.mirror_j)) * params.patch_k;
  let to = ((params.to_i + i) * params.size_j + params.to_j + j) * params.size_k + params.to_k;
  for (var k = first; k < end; k++) {
    let weight = max(line * window[window_k + k], params.least);
    var source = at + mirrored(params.from_k + k, params.patch_k, params.mirror_k);
    var sum = to + k;
    for (var c = 0u; c < params.channels; c++) {
      sums[sum] += weight * patches[source];
      source += patch_voxels;
      sum += params.slab_voxels;
    }
    sums[sum] += weight;
  }
}
