// partial[o, c, i, j, k, s] = sum over the tiles t = s, s + splits, ... of
//   dy[n, o, d, h, w] * x[n, c, d*stride + i*dilation - padding, ...]
// x: [N, Cin, D, H, W]   dy: [N, Cout, D', H', W']   partial: [Cout, Cin, kd, kh, kw, splits], for `sum_rows`
// Any stride, padding, dilation; at most nine taps, KERNEL_H x KERNEL_W, in the plane.
//
// For very few channels, where threads can only lie along voxels. A tile is LANES_H x LANES_W voxels of one
// slice, one per thread, so that loads are coalesced; a thread sums four output channels of all taps
// of the plane in registers. At the end the threads of a workgroup must be added. A subgroup does
// that in registers (subgroupAdd), without a barrier per halving; workgroup memory only takes one value
// per subgroup.
//
// How many threads a subgroup has (4 to 128) and which is for the adapter to say. So a subgroup writes to the
// slot of its lowest thread, and slots are added in order: right for every size, and the same bits each time.
enable subgroups;
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
  stride_d: u32,
  stride_h: u32,
  stride_w: u32,
  padding_d: u32,
  padding_h: u32,
  padding_w: u32,
  dilation_d: u32,
  dilation_h: u32,
  dilation_w: u32,
  tiles_h: u32,
  tiles_w: u32,
  splits: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<elem>;
@group(0) @binding(2) var<storage, read> dy: array<elem>;
@group(0) @binding(3) var<storage, read_write> partial: array<f32>;

const KERNEL_H: u32 = 3u; // rewritable
const KERNEL_W: u32 = 3u; // rewritable
const LANES_H: u32 = 2u; // rewritable
const LANES_W: u32 = 32u; // rewritable
override WORKGROUP_SIZE: u32 = 64u; // THREADS

const THREADS: u32 = LANES_H * LANES_W;
const TAPS: u32 = KERNEL_H * KERNEL_W;

/// One slot per thread: only a subgroup's lowest thread fills its own, the others stay 0.
var<workgroup> slots: array<vec4<f32>, THREADS * TAPS>;

fn dy_at(inside: bool, n: u32, channel: u32, voxel: u32) -> f32 {
  if (inside && channel < params.out_channels) {
    let voxels = params.out_d * params.out_h * params.out_w;
    return f32(dy[(n * params.out_channels + channel) * voxels + voxel]);
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
  let blocks = (params.out_channels + 3u) / 4u;
  let split = group % params.splits;
  let i = group / params.splits % params.kernel_d;
  let c = group / (params.splits * params.kernel_d) % params.in_channels;
  let block = group / (params.splits * params.kernel_d * params.in_channels);
  if (block >= blocks) { // the grid's last row, when it is folded
    return;
  }
  let lane_h = lane / LANES_W;
  let lane_w = lane % LANES_W;

  var sums: array<vec4<f32>, TAPS>;
  for (var tap = 0u; tap < TAPS; tap++) {
    sums[tap] = vec4(0.0);
  }
  let tiles = params.tiles_h * params.tiles_w;
  for (var tile = split; tile < params.batch * params.out_d * tiles; tile += params.splits) {
    let w = tile % params.tiles_w * LANES_W + lane_w;
    let h = tile / params.tiles_w % params.tiles_h * LANES_H + lane_h;
    let d = tile / tiles % params.out_d;
    let n = tile / (tiles * params.out_d);
    let live = h < params.out_h && w < params.out_w;
    let voxel = (d * params.out_h + h) * params.out_w + w;
    let gradient = vec4(dy_at(live, n, 4u * block, voxel), dy_at(live, n, 4u * block + 1u, voxel),
      dy_at(live, n, 4u * block + 2u, voxel), dy_at(live, n, 4u * block + 3u, voxel));
    let xd = d * params.stride_d + i * params.dilation_d - params.padding_d; // below 0 wraps around to a large number
    let plane = ((n * params.in_channels + c) * params.in_d + xd) * params.in_h * params.in_w;
    for (var j = 0u; j < KERNEL_H; j++) {
      let xh = h * params.stride_h + j * params.dilation_h - params.padding_h;
      for (var k = 0u; k < KERNEL_W; k++) {
        let xw = w * params.stride_w + k * params.dilation_w - params.padding_w;
        if (live && xd < params.in_d && xh < params.in_h && xw < params.in_w) {
          sums[j * KERNEL_W + k] += f32(x[plane + xh * params.in_w + xw]) * gradient;
        }
      }
    }
  }

  let lowest = subgroupMin(lane);
  for (var tap = 0u; tap < TAPS; tap++) {
    let sum = subgroupAdd(sums[tap]);
    if (lane == lowest) {
      slots[tap * THREADS + lane] = sum;
    }
  }
  workgroupBarrier();
  for (var tap = lane; tap < TAPS; tap += THREADS) {
    var sum = vec4(0.0);
    for (var slot = 0u; slot < THREADS; slot++) {
      sum += slots[tap * THREADS + slot];
    }
    store(4u * block, c, i * TAPS + tap, split, sum.x);
    store(4u * block + 1u, c, i * TAPS + tap, split, sum.y);
    store(4u * block + 2u, c, i * TAPS + tap, split, sum.z);
    store(4u * block + 3u, c, i * TAPS + tap, split, sum.w);
  }
}

fn store(o: u32, c: u32, tap: u32, split: u32, sum: f32) {
  if (o < params.out_channels) {
    partial[((o * params.in_channels + c) * params.kernel_d * TAPS + tap) * params.splits + split] = sum;
  }
}
