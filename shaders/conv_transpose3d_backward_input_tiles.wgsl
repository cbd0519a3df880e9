// dx[n, c, a] = bias[c] + sum over o, k of dy[n, o, a * stride - padding + k] * weight[c, o, k]
// dx: [N, Cin, D, H, W]   weight: [Cin, Cout, kd, kh, kw]   dy: [N, Cout, D', H', W']   bias: [Cin]
// With dx for y and dy for x this is the strided convolution, whose forward pass uses it with a bias.
// One thread computes BLOCK channels x ROWS rows x 4 columns of dx: the rows of dy under one plane of
// taps are loaded once and meet the taps of all channels of the block. The block comes from the
// workgroup, so that weight addresses are uniform. Idea: register-blocked strided convolution.
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
  padding_d: u32,
  has_bias: u32,
  tiles_h: u32,
  tiles_w: u32,
  groups: u32, // workgroups per sample and block
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<elem>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<elem>;

const KERNEL_H: u32 = 3u; // rewritable
const KERNEL_W: u32 = 3u; // rewritable
const STRIDE_H: u32 = 2u; // rewritable
const STRIDE_W: u32 = 2u; // rewritable
const PADDING_H: u32 = 1u; // rewritable
const PADDING_W: u32 = 1u; // rewritable
const ROWS: u32 = 2u; // rewritable
const BLOCK: u32 = 8u; // rewritable
override WORKGROUP_SIZE: u32 = 32u;

const TAPS: u32 = KERNEL_H * KERNEL_W;
const DY_ROWS: u32 = (ROWS - 1u) * STRIDE_H + KERNEL_H;
const DY_COLUMNS: u32 = 3u * STRIDE_W + KERNEL_W;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let group = linear_workgroup(workgroup, workgroups);
  let blocks = (params.in_channels + BLOCK - 1u) / BLOCK;
  let first_channel = group / params.groups % blocks * BLOCK;
  let n = group / (params.groups * blocks);
  let tile = group % params.groups * WORKGROUP_SIZE + lane;
  let x_d = tile / (params.tiles_h * params.tiles_w);
  let x_h = tile / params.tiles_w % params.tiles_h * ROWS;
  let x_w = tile % params.tiles_w * 4u;
  if (n >= params.batch || x_d >= params.in_d) {
    return;
  }
  // Positions before the first voxel wrap to large numbers: one bound refuses both ends.
  let h = x_h * STRIDE_H - PADDING_H;
  let w = x_w * STRIDE_W - PADDING_W;

  var sums: array<vec4<f32>, BLOCK * ROWS>;
  for (var o = 0u; o < params.out_channels; o++) {
    for (var i = 0u; i < params.kernel_d; i++) {
      let d = x_d * params.stride_d + i - params.padding_d;
      let plane = ((n * params.out_channels + o) * params.out_d + min(d, params.out_d - 1u)) * params.out_h * params.out_w;
      var values: array<f32, DY_ROWS * DY_COLUMNS>;
      for (var r = 0u; r < DY_ROWS; r++) {
        let row_inside = d < params.out_d && h + r < params.out_h;
        let start = plane + min(h + r, params.out_h - 1u) * params.out_w;
        for (var e = 0u; e < DY_COLUMNS; e++) {
          let inside = row_inside && w + e < params.out_w;
          values[r * DY_COLUMNS + e] = select(0.0, f32(dy[start + min(w + e, params.out_w - 1u)]), inside);
        }
      }
      for (var c = 0u; c < BLOCK; c++) {
        let channel = min(first_channel + c, params.in_channels - 1u);
        let first = ((channel * params.out_channels + o) * params.kernel_d + i) * TAPS;
        var taps: array<f32, TAPS>;
        for (var t = 0u; t < TAPS; t++) {
          taps[t] = weight[first + t];
        }
        for (var r = 0u; r < ROWS; r++) {
          var sum = sums[c * ROWS + r];
          for (var j = 0u; j < KERNEL_H; j++) {
            for (var k = 0u; k < KERNEL_W; k++) {
              let at = (r * STRIDE_H + j) * DY_COLUMNS + k;
              sum += taps[j * KERNEL_W + k]
                * vec4(values[at], values[at + STRIDE_W], values[at + 2u * STRIDE_W], values[at + 3u * STRIDE_W]);
            }
          }
          sums[c * ROWS + r] = sum;
        }
      }
    }
  }

  for (var c = 0u; c < BLOCK; c++) {
    let channel = first_channel + c;
    if (channel >= params.in_channels) {
      break;
    }
    var offset = 0.0;
    if (params.has_bias == 1u) {
      offset = bias[channel];
    }
    for (var r = 0u; r < ROWS; r++) {
      if (x_h + r >= params.in_h) {
        break;
      }
      let row = (((n * params.in_channels + channel) * params.in_d + x_d) * params.in_h + x_h + r) * params.in_w;
      for (var e = 0u; e < 4u; e++) {
        if (x_w + e < params.in_w) {
          dx[row + x_w + e] = elem(sums[c * ROWS + r][e] + offset);
        }
      }
    }
  }
}
