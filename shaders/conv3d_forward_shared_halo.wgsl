// y[n, o, d, h, w] = bias[o] + sum over c, i, j, k of weight[o, c, i, j, k] * x[n, c, d + i - padding, ...]
// x: [N, Cin, D, H, W]   packed: weight as [taps, Cin, Cout rounded up to 4]   bias: [Cout]
// y: [N, Cout, D', H', W'] or, with splits, [N, Cout, D', H', W', splits] for `sum_rows`
// Stride 1, dilation 1. Backward, x is dy and packed is mirrored.
//
// For few channels. A workgroup computes BLOCK channels of a box of LANES_D x (LANES_H * ROWS) x LANES_W
// voxels. It walks the input channels, CHUNK at a time: the box with its halo, the voxels around it that
// the kernel reaches, is copied into workgroup memory once and serves all taps there, where a matrix
// product would fetch it once per tap: 20 to 100 multiply-adds per value fetched.
//
// A thread keeps ROWS rows x BLOCK channels of sums. Lanes lie along a row, so that loads and stores
// are coalesced and reads from workgroup memory meet different banks (PITCH, the row length there, is
// padded for this). Down a column, ROWS + KERNEL_H - 1 values serve KERNEL_H taps; the weights are the
// same for all lanes and reach them in one broadcast. So with ROWS = 4 and BLOCK = 16, 6 values
// and 12 vec4s of weights feed 192 multiply-adds.
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
  kernel_d: u32, // KERNEL_D
  padding_d: i32,
  padding_h: i32,
  padding_w: i32,
  has_bias: u32,
  boxes_d: u32, // boxes along each axis
  boxes_h: u32,
  boxes_w: u32,
  splits: u32, // workgroups along the input channels
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<elem>;
@group(0) @binding(2) var<storage, read> packed: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<elem>;

const KERNEL_D: u32 = 3u; // rewritable
const KERNEL_H: u32 = 3u; // rewritable
const KERNEL_W: u32 = 3u; // rewritable
const LANES_D: u32 = 4u; // rewritable
const LANES_H: u32 = 2u; // rewritable
const LANES_W: u32 = 16u; // rewritable
const ROWS: u32 = 4u; // rewritable
// A multiple of 4.
const BLOCK: u32 = 16u; // rewritable
const CHUNK: u32 = 2u; // rewritable
const PITCH: u32 = 20u; // rewritable
override WORKGROUP_SIZE: u32 = 128u; // THREADS

const THREADS: u32 = LANES_D * LANES_H * LANES_W;
const TAPS: u32 = KERNEL_D * KERNEL_H * KERNEL_W;
const QUADS: u32 = BLOCK / 4u;
const HALO_D: u32 = LANES_D + KERNEL_D - 1u;
const HALO_H: u32 = LANES_H * ROWS + KERNEL_H - 1u;
const HALO_W: u32 = LANES_W + KERNEL_W - 1u;

var<workgroup> x_tile: array<f32, CHUNK * HALO_D * HALO_H * PITCH>;
var<workgroup> weight_tile: array<vec4<f32>, CHUNK * TAPS * QUADS>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let group = linear_workgroup(workgroup, workgroups);
  let boxes = params.boxes_d * params.boxes_h * params.boxes_w;
  let blocks = (params.out_channels + BLOCK - 1u) / BLOCK;
  let quads = (params.out_channels + 3u) / 4u;
  let box_d = group / (params.boxes_h * params.boxes_w) % params.boxes_d * LANES_D;
  let box_h = group / params.boxes_w % params.boxes_h * LANES_H * ROWS;
  let box_w = group % params.boxes_w * LANES_W;
  let block = group / boxes % blocks;
  let n = group / (boxes * blocks) % params.batch;
  let split = group / (boxes * blocks * params.batch);
  if (split >= params.splits) { // the grid's last row, when it is folded
    return;
  }
  // Of the halo, in x; what lies before x wraps around to large numbers.
  let first_d = box_d - u32(params.padding_d);
  let first_h = box_h - u32(params.padding_h);
  let first_w = box_w - u32(params.padding_w);
  let lane_w = lane % LANES_W;
  let lane_h = lane / LANES_W % LANES_H;
  let lane_d = lane / (LANES_W * LANES_H);

  var sums: array<vec4<f32>, ROWS * QUADS>;
  for (var s = 0u; s < ROWS * QUADS; s++) {
    sums[s] = vec4(0.0);
  }
  let chunks = (params.in_channels + CHUNK - 1u) / CHUNK;
  let last = (split + 1u) * chunks / params.splits;
  for (var chunk = split * chunks / params.splits; chunk < last; chunk++) {
    let first_c = chunk * CHUNK;
    for (var e = lane; e < CHUNK * HALO_D * HALO_H * HALO_W; e += THREADS) {
      let row = e / HALO_W;
      let c = first_c + row / (HALO_D * HALO_H);
      let d = first_d + row / HALO_H % HALO_D;
      let h = first_h + row % HALO_H;
      let w = first_w + e % HALO_W;
      var value = 0.0;
      if (c < params.in_channels && d < params.in_d && h < params.in_h && w < params.in_w) {
        value = f32(x[(((n * params.in_channels + c) * params.in_d + d) * params.in_h + h) * params.in_w + w]);
      }
      x_tile[row * PITCH + e % HALO_W] = value;
    }
    for (var e = lane; e < CHUNK * TAPS * QUADS; e += THREADS) {
      let c = first_c + e / (TAPS * QUADS);
      let quad = block * QUADS + e % QUADS;
      var values = vec4(0.0);
      if (c < params.in_channels && quad < quads) {
        values = packed[(e / QUADS % TAPS * params.in_channels + c) * quads + quad];
      }
      weight_tile[e] = values;
    }
    workgroupBarrier();
    // Bounds that a compiler does not know keep it from unrolling more than fits its instruction cache.
    let count = min(CHUNK, params.in_channels - first_c);
    for (var c = 0u; c < count; c++) {
      for (var i = 0u; i < params.kernel_d; i++) {
        for (var k = 0u; k < KERNEL_W; k++) {
          let top = ((c * HALO_D + lane_d + i) * HALO_H + lane_h * ROWS) * PITCH + lane_w + k;
          var column: array<f32, ROWS + KERNEL_H - 1u>;
          for (var r = 0u; r < ROWS + KERNEL_H - 1u; r++) {
            column[r] = x_tile[top + r * PITCH];
          }
          for (var j = 0u; j < KERNEL_H; j++) {
            let tap = (c * TAPS + (i * KERNEL_H + j) * KERNEL_W + k) * QUADS;
            for (var q = 0u; q < QUADS; q++) {
              let weights = weight_tile[tap + q];
              for (var r = 0u; r < ROWS; r++) {
                sums[r * QUADS + q] += column[r + j] * weights;
              }
            }
          }
        }
      }
    }
    workgroupBarrier();
  }

  let d = box_d + lane_d;
  let w = box_w + lane_w;
  for (var r = 0u; r < ROWS; r++) {
    let h = box_h + lane_h * ROWS + r;
    if (d < params.out_d && h < params.out_h && w < params.out_w) {
      let voxel = (d * params.out_h + h) * params.out_w + w;
      for (var q = 0u; q < QUADS; q++) {
        let values = sums[r * QUADS + q];
        let channel = block * BLOCK + 4u * q;
        // No index into `values` that is worked out: the sums would leave the registers.
        store(n, channel, voxel, split, values.x);
        store(n, channel + 1u, voxel, split, values.y);
        store(n, channel + 2u, voxel, split, values.z);
        store(n, channel + 3u, voxel, split, values.w);
      }
    }
  }
}

fn store(n: u32, channel: u32, voxel: u32, split: u32, sum: f32) {
  if (channel >= params.out_channels) {
    return;
  }
  var value = sum;
  if (params.has_bias == 1u && split == 0u) {
    value += bias[channel];
  }
  let voxels = params.out_d * params.out_h * params.out_w;
  y[((n * params.out_channels + channel) * voxels + voxel) * params.splits + split] = elem(value);
}
