// y[n, o, d, h, w] = bias[o] + sum over c, i, j, k of
//   weight[o, c, i, j, k] * x[n, c, d*stride + i*dilation - padding, ...]
// x: [N, Cin, D, H, W]   weight: [Cout, Cin, kd, kh, kw]   bias: [Cout]   y: [N, Cout, D', H', W']
// Any kernel, stride, padding, dilation. One thread computes 8 output channels x 4 columns. The block of channels
// comes from the workgroup, so that weight addresses are uniform; threads lie along the columns of one sample.
// Backward, x is dy and the weight is read mirrored, with its channels swapped.
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
  has_bias: u32,
  weight_out: u32, // elements from one output channel's weights to the next
  weight_in: u32, // and from one input channel's
  tap_first: u32,
  tap_step: i32, // 1, or -1 when mirrored
  tiles_w: u32,
  groups: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<elem>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<elem>;

override WORKGROUP_SIZE: u32 = 8u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let group = linear_workgroup(workgroup, workgroups);
  let blocks = (params.out_channels + 7u) / 8u;
  let block = (group / params.groups) % blocks;
  let n = group / (params.groups * blocks);
  let tile = (group % params.groups) * WORKGROUP_SIZE + lane;
  let d = tile / (params.out_h * params.tiles_w);
  let h = (tile / params.tiles_w) % params.out_h;
  let w = tile % params.tiles_w * 4u;
  if (n >= params.batch || d >= params.out_d) {
    return;
  }

  let taps = params.kernel_h * params.kernel_w;
  let columns = (vec4(w) + vec4(0u, 1u, 2u, 3u)) * params.stride_w - params.padding_w;
  var sums: array<vec4<f32>, 8>;
  for (var c = 0u; c < params.in_channels; c++) {
    for (var i = 0u; i < params.kernel_d; i++) {
      let xd = d * params.stride_d + i * params.dilation_d - params.padding_d;
      if (xd >= params.in_d) { // below 0 wraps around to a large number
        continue;
      }
      let plane = ((n * params.in_channels + c) * params.in_d + xd) * params.in_h * params.in_w;
      let first = c * params.weight_in + params.tap_first;
      for (var j = 0u; j < params.kernel_h; j++) {
        let xh = h * params.stride_h + j * params.dilation_h - params.padding_h;
        if (xh >= params.in_h) {
          continue;
        }
        let row = plane + xh * params.in_w;
        for (var k = 0u; k < params.kernel_w; k++) {
          let xw = columns + k * params.dilation_w;
          let inside = xw < vec4(params.in_w);
          let at = row + min(xw, vec4(params.in_w - 1u));
          let values = select(vec4(0.0), vec4<f32>(vec4(x[at.x], x[at.y], x[at.z], x[at.w])), inside);
          let tap = u32(i32(first) + params.tap_step * i32(i * taps + j * params.kernel_w + k));
          for (var o = 0u; o < 8u; o++) {
            let channel = min(block * 8u + o, params.out_channels - 1u);
            sums[o] += weight[tap + channel * params.weight_out] * values;
          }
        }
      }
    }
  }

  for (var o = 0u; o < 8u; o++) {
    let channel = block * 8u + o;
    if (channel >= params.out_channels) {
      break;
    }
    var offset = 0.0;
    if (params.has_bias == 1u) {
      offset = bias[channel];
    }
    let row = (((n * params.out_channels + channel) * params.out_d + d) * params.out_h + h) * params.out_w;
    for (var e = 0u; e < 4u; e++) {
      if (w + e < params.out_w) {
        y[row + w + e] = elem(sums[o][e] + offset);
      }
    }
  }
}
