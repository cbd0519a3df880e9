// partial[o, c, s] = sum over the voxels v of part s of dy[n, o, v] * x[n, c, v], for a 1x1x1 kernel
// x: [N, Cin, voxels]   dy: [N, Cout, voxels]   partial: [Cout, Cin, splits], for `sum_rows`
// A part is every `splits`-th tile of 8 voxels of a row. Lanes lie along the input channels: each thread
// sums BLOCK output channels for PER of them, and dy, which depends on the workgroup only, has uniform
// addresses: one load serves all lanes. A tile of x is loaded once for all output channels; these are
// taken one by one, so that few sums are alive at a time.
//#include "common/linear_index.wgsl"

alias elem = f32; // rewritable

struct Params {
  batch: u32,
  in_channels: u32,
  out_channels: u32,
  voxels: u32,
  splits: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<elem>;
@group(0) @binding(2) var<storage, read> dy: array<elem>;
@group(0) @binding(3) var<storage, read_write> partial: array<f32>;

const BLOCK: u32 = 16u; // rewritable
const PER: u32 = 2u; // rewritable
override WORKGROUP_SIZE: u32 = 8u;

const TILE: u32 = 8u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let group = linear_workgroup(workgroup, workgroups);
  let groups_c = (params.in_channels + PER * WORKGROUP_SIZE - 1u) / (PER * WORKGROUP_SIZE);
  let blocks = (params.out_channels + BLOCK - 1u) / BLOCK;
  let split = group % params.splits;
  let first_c = group / params.splits % groups_c * PER * WORKGROUP_SIZE + lane;
  let first_o = group / (params.splits * groups_c) * BLOCK;
  if (first_o >= params.out_channels || first_c >= params.in_channels) {
    return;
  }

  var sums: array<f32, BLOCK * PER>;
  for (var s = 0u; s < BLOCK * PER; s++) {
    sums[s] = 0.0;
  }
  let tiles = (params.voxels + TILE - 1u) / TILE;
  for (var tile = split; tile < params.batch * tiles; tile += params.splits) {
    let n = tile / tiles;
    let first_v = tile % tiles * TILE;
    var values: array<f32, TILE * PER>;
    for (var p = 0u; p < PER; p++) {
      let c = min(first_c + p * WORKGROUP_SIZE, params.in_channels - 1u);
      let row = (n * params.in_channels + c) * params.voxels;
      for (var e = 0u; e < TILE; e++) {
        let value = f32(x[row + min(first_v + e, params.voxels - 1u)]);
        values[p * TILE + e] = select(0.0, value, first_v + e < params.voxels);
      }
    }
    for (var o = 0u; o < BLOCK; o++) {
      let channel = min(first_o + o, params.out_channels - 1u);
      let row = (n * params.out_channels + channel) * params.voxels;
      var part: array<f32, PER>;
      for (var p = 0u; p < PER; p++) {
        part[p] = sums[o * PER + p];
      }
      for (var e = 0u; e < TILE; e++) {
        let gradient = f32(dy[row + min(first_v + e, params.voxels - 1u)]);
        for (var p = 0u; p < PER; p++) {
          part[p] += gradient * values[p * TILE + e];
        }
      }
      for (var p = 0u; p < PER; p++) {
        sums[o * PER + p] = part[p];
      }
    }
  }

  for (var o = 0u; o < BLOCK; o++) {
    for (var p = 0u; p < PER; p++) {
      let c = first_c + p * WORKGROUP_SIZE;
      if (first_o + o < params.out_channels && c < params.in_channels) {
        partial[((first_o + o) * params.in_channels + c) * params.splits + split] = sums[o * PER + p];
      }
    }
  }
}
