// y[n, o, d, h, w] = bias[o] + sum over c, i, j, k of weight[o, c, i, j, k] * x[n, c, d + i - padding, ...]
// for kernels of any depth and 3x3 in the plane, stride 1, dilation 1.
// x: [N, Cin, D, H, W]   weight: [Cout, Cin, kd, 3, 3]   bias: [Cout]   y: [N, Cout, D', H', W']
// One thread computes BLOCK output channels x ROWS rows x 4 columns: all input rows of a channel and depth are
// loaded first, then each row and pair of channels takes its nine taps in registers. The block of channels
// comes from the workgroup, so that weight addresses are uniform. The threads of a workgroup lie along
// the tiles of one sample. Backward, x is dy and the weight is read mirrored, with its channels swapped. Idea: register-blocked direct convolution.
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
  padding_d: u32,
  padding_h: u32,
  padding_w: u32,
  has_bias: u32,
  weight_out: u32, // elements from one output channel's weights to the next
  weight_in: u32, // and from one input channel's
  tap_first: u32,
  tap_step: i32, // 1, or -1 when mirrored
  tiles_h: u32,
  tiles_w: u32,
  groups: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<elem>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<elem>;

const BLOCK: u32 = 8u; // rewritable
const ROWS: u32 = 4u; // rewritable
override WORKGROUP_SIZE: u32 = 8u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let group = linear_workgroup(workgroup, workgroups);
  let blocks = (params.out_channels + BLOCK - 1u) / BLOCK;
  let block = (group / params.groups) % blocks;
  let n = group / (params.groups * blocks);
  let tile = (group % params.groups) * WORKGROUP_SIZE + lane;
  let d = tile / (params.tiles_h * params.tiles_w);
  let h = (tile / params.tiles_w) % params.tiles_h * ROWS;
  let w = tile % params.tiles_w * 4u;
  if (n >= params.batch || d >= params.out_d) {
    return;
  }

  var left: array<vec4<f32>, ROWS + 2u>;
  var centre: array<vec4<f32>, ROWS + 2u>;
  var right: array<vec4<f32>, ROWS + 2u>;
  var sums: array<vec4<f32>, ROWS * BLOCK>;
  for (var s = 0u; s < ROWS * BLOCK; s++) {
    sums[s] = vec4(0.0);
  }
  for (var c = 0u; c < params.in_channels; c++) {
    for (var i = 0u; i < params.kernel_d; i++) {
      let xd = d + i - params.padding_d; // below 0 wraps around to a large number
      if (xd >= params.in_d) {
        continue;
      }
      let plane = ((n * params.in_channels + c) * params.in_d + xd) * params.in_h * params.in_w;
      for (var r = 0u; r < ROWS + 2u; r++) {
        let row = h + r - params.padding_h;
        let row_inside = row < params.in_h;
        let start = plane + min(row, params.in_h - 1u) * params.in_w;
        var values: array<f32, 6>;
        for (var e = 0u; e < 6u; e++) {
          let column = w + e - params.padding_w;
          let inside = row_inside && column < params.in_w;
          values[e] = select(0.0, f32(x[start + min(column, params.in_w - 1u)]), inside);
        }
        left[r] = vec4(values[0], values[1], values[2], values[3]);
        centre[r] = vec4(values[1], values[2], values[3], values[4]);
        right[r] = vec4(values[2], values[3], values[4], values[5]);
      }
      let first = c * params.weight_in + params.tap_first;
      for (var o = 0u; o < BLOCK; o += 2u) {
        var taps_even: array<f32, 9>;
        var taps_odd: array<f32, 9>;
        let even_channel = min(block * BLOCK + o, params.out_channels - 1u) * params.weight_out;
        let odd_channel = min(block * BLOCK + o + 1u, params.out_channels - 1u) * params.weight_out;
        for (var tap = 0u; tap < 9u; tap++) {
          let at = u32(i32(first) + params.tap_step * i32(i * 9u + tap));
          taps_even[tap] = weight[even_channel + at];
          taps_odd[tap] = weight[odd_channel + at];
        }
        for (var r = 0u; r < ROWS; r++) {
          var even = sums[r * BLOCK + o];
          var odd = sums[r * BLOCK + o + 1u];
          for (var j = 0u; j < 3u; j++) {
            even += taps_even[3u * j] * left[r + j];
            odd += taps_odd[3u * j] * left[r + j];
            even += taps_even[3u * j + 1u] * centre[r + j];
            odd += taps_odd[3u * j + 1u] * centre[r + j];
            even += taps_even[3u * j + 2u] * right[r + j];
            odd += taps_odd[3u * j + 2u] * right[r + j];
          }
          sums[r * BLOCK + o] = even;
          sums[r * BLOCK + o + 1u] = odd;
        }
      }
    }
  }

  for (var o = 0u; o < BLOCK; o++) {
    let channel = block * BLOCK + o;
    if (channel >= params.out_channels) {
      break;
    }
    var offset = 0.0;
    if (params.has_bias == 1u) {
      offset = bias[channel];
    }
    for (var r = 0u; r < ROWS; r++) {
      if (h + r >= params.out_h) {
        break;
      }
      let row = (((n * params.out_channels + channel) * params.out_d + d) * params.out_h + h + r) * params.out_w;
      for (var e = 0u; e < 4u; e++) {
        if (w + e < params.out_w) {
          y[row + w + e] = elem(sums[r * BLOCK + o][e] + offset);
        }
      }
    }
  }
}
