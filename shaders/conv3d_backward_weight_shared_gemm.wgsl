// partial[o, c, k, s] = sum over the voxels z of part s of dy[n, o, z] * x[n, c, z*stride + k*dilation - padding]
// x: [N, Cin, D, H, W]   dy: [N, Cout, D', H', W']   partial: [Cout, Cin, taps, splits], for `sum_rows`
//
// For one tap k this is a product of matrices, [Cout, voxels] with [voxels, Cin], whose inner dimension
// is huge: it is split over workgroups (split-K). A workgroup computes TILE_O x TILE_C weights of one tap
// over one part of the voxels, in chunks of TILE_K: these are copied into workgroup memory, where
// every x serves TILE_O and every dy TILE_C sums. A thread keeps PER x PER sums in registers; PER / 2 reads of four
// channels each feed PER * PER multiply-adds.
//
// Threads that stage have neighbouring voxels, so that loads of storage are coalesced. One thread
// gathers the four channels of a vec4; rows of an odd number of vec4s put its neighbours' writes into
// different banks. Which voxel a thread stages does not depend on the channel: its place is worked out
// once per chunk.
//#include "common/linear_index.wgsl"

alias elem = f32; // rewritable

struct Params {
  batch: u32,
  in_channels: u32,
  out_channels: u32,
  in_d: u32,
  in_h: u32,
  in_w: u32,
  out_d: u32,
  out_h: u32,
  out_w: u32,
  kernel_d: u32,
  kernel_h: u32,
  kernel_w: u32,
  stride_d: u32,
  stride_h: u32,
  stride_w: u32,
  padding_d: u32,
  padding_h: u32,
  padding_w: u32,
  dilation_d: u32,
  dilation_h: u32,
  dilation_w: u32,
  splits: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<elem>;
@group(0) @binding(2) var<storage, read> dy: array<elem>;
@group(0) @binding(3) var<storage, read_write> partial: array<f32>;

const TILE_O: u32 = 64u; // rewritable
const TILE_C: u32 = 64u; // rewritable
// A multiple of 4.
const PER: u32 = 8u; // rewritable
const TILE_K: u32 = 16u; // rewritable
override WORKGROUP_SIZE: u32 = 64u; // THREADS

const LANES_C: u32 = TILE_C / PER;
const THREADS: u32 = LANES_C * (TILE_O / PER);
const QUADS: u32 = PER / 4u;
const DY_ROW: u32 = TILE_O / 4u + 1u;
const X_ROW: u32 = TILE_C / 4u + 1u;
const SLOTS: u32 = THREADS / TILE_K; // threads that stage one voxel

var<workgroup> x_tile: array<vec4<f32>, TILE_K * X_ROW>;
var<workgroup> dy_tile: array<vec4<f32>, TILE_K * DY_ROW>;

fn x_at(inside: bool, channel: u32, row: u32, voxels: u32) -> f32 {
  if (inside && channel < params.in_channels) {
    return f32(x[row + channel * voxels]);
  }
  return 0.0;
}

fn dy_at(inside: bool, channel: u32, row: u32, voxels: u32) -> f32 {
  if (inside && channel < params.out_channels) {
    return f32(dy[row + channel * voxels]);
  }
  return 0.0;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let group = linear_workgroup(workgroup, workgroups);
  let tiles_c = (params.in_channels + TILE_C - 1u) / TILE_C;
  let tiles_o = (params.out_channels + TILE_O - 1u) / TILE_O;
  let taps = params.kernel_d * params.kernel_h * params.kernel_w;
  let tap = group % taps;
  let first_c = group / taps % tiles_c * TILE_C;
  let first_o = group / (taps * tiles_c) % tiles_o * TILE_O;
  let split = group / (taps * tiles_c * tiles_o);
  if (split >= params.splits) { // the grid's last row, when it is folded
    return;
  }
  let i = vec3(tap / (params.kernel_h * params.kernel_w), tap / params.kernel_w % params.kernel_h, tap % params.kernel_w);
  let stride = vec3(params.stride_d, params.stride_h, params.stride_w);
  let size = vec3(params.in_d, params.in_h, params.in_w);
  let shift = i * vec3(params.dilation_d, params.dilation_h, params.dilation_w)
    - vec3(params.padding_d, params.padding_h, params.padding_w);
  let x_voxels = params.in_d * params.in_h * params.in_w;
  let y_plane = params.out_h * params.out_w;
  let y_voxels = params.out_d * y_plane;
  let count = params.batch * y_voxels;
  let chunks = (count + TILE_K - 1u) / TILE_K;

  let slot = lane % TILE_K;
  let lane_c = lane % LANES_C;
  let lane_o = lane / LANES_C;
  var sums: array<vec4<f32>, PER * QUADS>;
  for (var s = 0u; s < PER * QUADS; s++) {
    sums[s] = vec4(0.0);
  }
  let last = (split + 1u) * chunks / params.splits;
  for (var chunk = split * chunks / params.splits; chunk < last; chunk++) {
    let index = chunk * TILE_K + slot;
    let n = index / y_voxels;
    let z = index % y_voxels;
    // Positions before 0 wrap around to large numbers.
    let at = vec3(z / y_plane, z / params.out_w % params.out_h, z % params.out_w) * stride + shift;
    let real = index < count;
    let inside = real && all(at < size);
    let y_row = n * params.out_channels * y_voxels + z;
    let x_row = n * params.in_channels * x_voxels + (at.x * size.y + at.y) * size.z + at.z;
    for (var q = lane / TILE_K; q < TILE_C / 4u; q += SLOTS) {
      let c = first_c + 4u * q;
      x_tile[slot * X_ROW + q] = vec4(x_at(inside, c, x_row, x_voxels), x_at(inside, c + 1u, x_row, x_voxels),
        x_at(inside, c + 2u, x_row, x_voxels), x_at(inside, c + 3u, x_row, x_voxels));
    }
    for (var q = lane / TILE_K; q < TILE_O / 4u; q += SLOTS) {
      let o = first_o + 4u * q;
      dy_tile[slot * DY_ROW + q] = vec4(dy_at(real, o, y_row, y_voxels), dy_at(real, o + 1u, y_row, y_voxels),
        dy_at(real, o + 2u, y_row, y_voxels), dy_at(real, o + 3u, y_row, y_voxels));
    }
    workgroupBarrier();
    for (var k = 0u; k < TILE_K; k++) {
      for (var p = 0u; p < QUADS; p++) {
        let gradients = dy_tile[k * DY_ROW + lane_o * QUADS + p];
        for (var q = 0u; q < QUADS; q++) {
          let values = x_tile[k * X_ROW + lane_c * QUADS + q];
          // Four rows of sums by name: an index that is worked out would drive them out of the registers.
          sums[(4u * p) * QUADS + q] += gradients.x * values;
          sums[(4u * p + 1u) * QUADS + q] += gradients.y * values;
          sums[(4u * p + 2u) * QUADS + q] += gradients.z * values;
          sums[(4u * p + 3u) * QUADS + q] += gradients.w * values;
        }
      }
    }
    workgroupBarrier();
  }

  for (var o = 0u; o < PER; o++) {
    for (var q = 0u; q < QUADS; q++) {
      let channel = first_o + lane_o * PER + o;
      let c = first_c + lane_c * PER + 4u * q;
      let sum = sums[o * QUADS + q];
      store(channel, c, tap, split, sum.x);
      store(channel, c + 1u, tap, split, sum.y);
      store(channel, c + 2u, tap, split, sum.z);
      store(channel, c + 3u, tap, split, sum.w);
    }
  }
}

fn store(o: u32, c: u32, tap: u32, split: u32, sum: f32) {
  if (o < params.out_channels && c < params.in_channels) {
    let taps = params.kernel_d * params.kernel_h * params.kernel_w;
    partial[((o * params.in_channels + c) * taps + tap) * params.splits + split] = sum;
  }
}
