// partial[o, c, i, j, k, s] = sum over the tiles t = s, s + splits, ... of dy[n, o, d, h, w] * x[n, c, d + i - padding, ...]
// for kernels of depth KERNEL_D and 3x3 in the plane, stride 1, dilation 1.
// x: [N, Cin, D, H, W]   dy: [N, Cout, D', H', W']   partial: [Cout, Cin, kd, 3, 3, splits]
// A tile is 4 rows x 4 columns of one depth of dy. One thread walks the tiles of one split and sums, for one input
// channel and BLOCK output channels, all taps: dy of the tile is loaded once for all depths of the kernel.
// `sum_rows` adds the splits in a fixed order. Idea: a product with a huge inner dimension, split over threads.
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
  splits: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<elem>;
@group(0) @binding(2) var<storage, read> dy: array<elem>;
@group(0) @binding(3) var<storage, read_write> partial: array<f32>;

const BLOCK: u32 = 8u; // rewritable
const KERNEL_D: u32 = 3u; // rewritable
override WORKGROUP_SIZE: u32 = 8u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = linear_workgroup(workgroup, workgroups) * WORKGROUP_SIZE + lane;
  let split = index % params.splits;
  let c = (index / params.splits) % params.in_channels;
  let first = index / (params.splits * params.in_channels) * BLOCK;
  if (first >= params.out_channels) {
    return;
  }
  var sums: array<f32, BLOCK * KERNEL_D * 9u>;
  for (var s = 0u; s < BLOCK * KERNEL_D * 9u; s++) {
    sums[s] = 0.0;
  }
  let voxels = params.out_d * params.out_h * params.out_w;
  let tiles = params.tiles_h * params.tiles_w;
  for (var tile = split; tile < params.batch * params.out_d * tiles; tile += params.splits) {
    let n = tile / (params.out_d * tiles);
    let d = (tile / tiles) % params.out_d;
    let h = (tile / params.tiles_w) % params.tiles_h * 4u;
    let w = tile % params.tiles_w * 4u;

    var gradients: array<vec4<f32>, BLOCK * 4u>;
    for (var o = 0u; o < BLOCK; o++) {
      let channel = min(first + o, params.out_channels - 1u);
      let plane = (n * params.out_channels + channel) * voxels + d * params.out_h * params.out_w;
      for (var r = 0u; r < 4u; r++) {
        let row = plane + min(h + r, params.out_h - 1u) * params.out_w;
        var values: vec4<f32>;
        for (var e = 0u; e < 4u; e++) {
          let inside = h + r < params.out_h && w + e < params.out_w;
          values[e] = select(0.0, f32(dy[row + min(w + e, params.out_w - 1u)]), inside);
        }
        gradients[o * 4u + r] = values;
      }
    }

    for (var i = 0u; i < KERNEL_D; i++) {
      let xd = d + i - params.padding_d; // below 0 wraps around to a large number
      if (xd >= params.in_d) {
        continue;
      }
      let plane = ((n * params.in_channels + c) * params.in_d + xd) * params.in_h * params.in_w;
      var left: array<vec4<f32>, 6>;
      var centre: array<vec4<f32>, 6>;
      var right: array<vec4<f32>, 6>;
      for (var r = 0u; r < 6u; r++) {
        let row = h + r - params.padding_h;
        let start = plane + min(row, params.in_h - 1u) * params.in_w;
        var values: array<f32, 6>;
        for (var e = 0u; e < 6u; e++) {
          let column = w + e - params.padding_w;
          let inside = row < params.in_h && column < params.in_w;
          values[e] = select(0.0, f32(x[start + min(column, params.in_w - 1u)]), inside);
        }
        left[r] = vec4(values[0], values[1], values[2], values[3]);
        centre[r] = vec4(values[1], values[2], values[3], values[4]);
        right[r] = vec4(values[2], values[3], values[4], values[5]);
      }
      for (var o = 0u; o < BLOCK; o++) {
        for (var j = 0u; j < 3u; j++) {
          var sum_left = vec4(0.0);
          var sum_centre = vec4(0.0);
          var sum_right = vec4(0.0);
          for (var r = 0u; r < 4u; r++) {
            let gradient = gradients[o * 4u + r];
            sum_left += gradient * left[r + j];
            sum_centre += gradient * centre[r + j];
            sum_right += gradient * right[r + j];
          }
          let at = (o * KERNEL_D + i) * 9u + 3u * j;
          sums[at] += dot(sum_left, vec4(1.0));
          sums[at + 1u] += dot(sum_centre, vec4(1.0));
          sums[at + 2u] += dot(sum_right, vec4(1.0));
        }
      }
    }
  }

  for (var o = 0u; o < BLOCK; o++) {
    if (first + o >= params.out_channels) {
      break;
    }
    let row = ((first + o) * params.in_channels + c) * KERNEL_D * 9u;
    for (var tap = 0u; tap < KERNEL_D * 9u; tap++) {
      partial[(row + tap) * params.splits + split] = sums[o * KERNEL_D * 9u + tap];
    }
  }
}
