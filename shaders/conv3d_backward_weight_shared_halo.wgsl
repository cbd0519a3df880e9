// partial[o, c, i, j, k, s] = sum over the voxels of part s of dy[n, o, d, h, w] * x[n, c, d + i - padding, ...]
// x: [N, Cin, D, H, W]   dy: [N, Cout, D', H', W']   partial: [Cout, Cin, kd, kh, kw, splits], for `sum_rows`
// Stride 1, dilation 1; the kernel is 3x3 in the plane and KERNEL_D deep.
//
// For few channels. A workgroup sums TILE_C x TILE_O channels, all taps. It marches through depth along a
// column of TILE_H x TILE_W voxels: at each step one slice of dy and one new slice of x, with the voxels
// around it that the kernel reaches, are copied into workgroup memory. The last KERNEL_D slices of x stay
// there, in a ring, so each value is fetched once per column and serves 27 * TILE_O sums.
//
// A thread owns one input channel, one depth of the kernel and four output channels: nine vec4 sums.
// Along a row of voxels a 3 x 3 window of x moves through its registers, so that each voxel costs 3 reads
// of x and one of dy, a vec4 that most lanes share, for 36 multiply-adds. The channels of x lie innermost,
// with one word between rows of them, so that both the writes (neighbours along w) and the reads
// (neighbours along c) meet different banks.
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
  padding_d: u32,
  padding_h: u32,
  padding_w: u32,
  tiles_h: u32,
  tiles_w: u32,
  segments: u32, // parts of the depth, each a column of its own
  splits: u32, // workgroups that share the columns
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<elem>;
@group(0) @binding(2) var<storage, read> dy: array<elem>;
@group(0) @binding(3) var<storage, read_write> partial: array<f32>;

const KERNEL_D: u32 = 3u; // rewritable
const TILE_C: u32 = 16u; // rewritable
// A multiple of 4.
const TILE_O: u32 = 16u; // rewritable
const TILE_H: u32 = 4u; // rewritable
const TILE_W: u32 = 8u; // rewritable
override WORKGROUP_SIZE: u32 = 192u; // THREADS

const QUADS: u32 = TILE_O / 4u;
const THREADS: u32 = TILE_C * KERNEL_D * QUADS;
const HALO_H: u32 = TILE_H + 2u;
const HALO_W: u32 = TILE_W + 2u;
const PITCH: u32 = TILE_C + 1u;
// Half the banks from one slice to the next.
const SLICE: u32 = (HALO_H * HALO_W * PITCH + 15u) / 32u * 32u + 16u;

var<workgroup> x_ring: array<f32, KERNEL_D * SLICE>;
var<workgroup> dy_tile: array<vec4<f32>, TILE_H * TILE_W * QUADS>;

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
  let tiles_c = (params.in_channels + TILE_C - 1u) / TILE_C;
  let tiles_o = (params.out_channels + TILE_O - 1u) / TILE_O;
  let first_c = group % tiles_c * TILE_C;
  let first_o = group / tiles_c % tiles_o * TILE_O;
  let split = group / (tiles_c * tiles_o);
  if (split >= params.splits) { // the grid's last row, when it is folded
    return;
  }
  let c = lane % TILE_C;
  let i = lane / TILE_C % KERNEL_D;
  let quad = lane / (TILE_C * KERNEL_D);
  let x_plane = params.in_h * params.in_w;

  var sums: array<vec4<f32>, 9>;
  for (var s = 0u; s < 9u; s++) {
    sums[s] = vec4(0.0);
  }
  let columns = params.batch * params.segments * params.tiles_h * params.tiles_w;
  for (var column = split; column < columns; column += params.splits) {
    let first_w = column % params.tiles_w * TILE_W;
    let first_h = column / params.tiles_w % params.tiles_h * TILE_H;
    let segment = column / (params.tiles_w * params.tiles_h) % params.segments;
    let n = column / (params.tiles_w * params.tiles_h * params.segments);
    let start = segment * params.out_d / params.segments;
    let end = (segment + 1u) * params.out_d / params.segments;
    // The first KERNEL_D - 1 steps only fill the ring.
    for (var step = 0u; step < end - start + KERNEL_D - 1u; step++) {
      let slot = step % KERNEL_D;
      let xd = start + step - params.padding_d; // below 0 wraps around to a large number
      for (var e = lane; e < TILE_C * HALO_H * HALO_W; e += THREADS) {
        let channel = first_c + e / (HALO_H * HALO_W);
        let h = first_h + e / HALO_W % HALO_H - params.padding_h;
        let w = first_w + e % HALO_W - params.padding_w;
        var value = 0.0;
        if (channel < params.in_channels && xd < params.in_d && h < params.in_h && w < params.in_w) {
          value = f32(x[((n * params.in_channels + channel) * params.in_d + xd) * x_plane + h * params.in_w + w]);
        }
        x_ring[slot * SLICE + e % (HALO_H * HALO_W) * PITCH + e / (HALO_H * HALO_W)] = value;
      }
      let filled = step + 1u >= KERNEL_D;
      let d = start + step + 1u - KERNEL_D;
      for (var e = lane; e < TILE_H * TILE_W * QUADS; e += THREADS) {
        let h = first_h + e / TILE_W % TILE_H;
        let w = first_w + e % TILE_W;
        let q = e / (TILE_W * TILE_H);
        let inside = filled && h < params.out_h && w < params.out_w;
        let o = first_o + 4u * q;
        let voxel = (d * params.out_h + h) * params.out_w + w;
        dy_tile[e % (TILE_W * TILE_H) * QUADS + q] = vec4(dy_at(inside, n, o, voxel), dy_at(inside, n, o + 1u, voxel),
          dy_at(inside, n, o + 2u, voxel), dy_at(inside, n, o + 3u, voxel));
      }
      workgroupBarrier();
      if (filled) {
        let slice = (step + 1u + i) % KERNEL_D * SLICE + c;
        for (var h = 0u; h < TILE_H; h++) {
          var window: array<f32, 9>;
          for (var j = 0u; j < 3u; j++) {
            window[3u * j + 1u] = x_ring[slice + (h + j) * HALO_W * PITCH];
            window[3u * j + 2u] = x_ring[slice + ((h + j) * HALO_W + 1u) * PITCH];
          }
          for (var w = 0u; w < TILE_W; w++) {
            let gradient = dy_tile[(h * TILE_W + w) * QUADS + quad];
            for (var j = 0u; j < 3u; j++) {
              window[3u * j] = window[3u * j + 1u];
              window[3u * j + 1u] = window[3u * j + 2u];
              window[3u * j + 2u] = x_ring[slice + ((h + j) * HALO_W + w + 2u) * PITCH];
              sums[3u * j] += window[3u * j] * gradient;
              sums[3u * j + 1u] += window[3u * j + 1u] * gradient;
              sums[3u * j + 2u] += window[3u * j + 2u] * gradient;
            }
          }
        }
      }
      workgroupBarrier();
    }
  }

  for (var tap = 0u; tap < 9u; tap++) {
    let o = first_o + 4u * quad;
    let at = first_c + c;
    store(o, at, i * 9u + tap, split, sums[tap].x);
    store(o + 1u, at, i * 9u + tap, split, sums[tap].y);
    store(o + 2u, at, i * 9u + tap, split, sums[tap].z);
    store(o + 3u, at, i * 9u + tap, split, sums[tap].w);
  }
}

fn store(o: u32, c: u32, tap: u32, split: u32, sum: f32) {
  if (o < params.out_channels && c < params.in_channels) {
    partial[((o * params.in_channels + c) * KERNEL_D * 9u + tap) * params.splits + split] = sum;
  }
}
