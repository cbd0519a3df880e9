// partial[o, c, i, j, k, s] = sum over the tiles t = s, s + splits, ... of
//   dy[n, o, d, h, w] * x[n, c, d*stride + i*dilation - padding, ...]
// x: [N, Cin, D, H, W]   dy: [N, Cout, D', H', W']   partial: [Cout, Cin, kd, kh, kw, splits]
// Any stride, padding, dilation; kernels of KERNEL_H x KERNEL_W in the plane. A tile is 4 columns of one row of dy.
// One thread walks the tiles of one split and sums, for one input channel, one depth of the kernel and 8 output
// channels, all taps of the plane. `sum_rows` adds the splits in a fixed order.
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
  tiles_w: u32,
  splits: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<elem>;
@group(0) @binding(2) var<storage, read> dy: array<elem>;
@group(0) @binding(3) var<storage, read_write> partial: array<f32>;

const KERNEL_H: u32 = 3u; // rewritable
const KERNEL_W: u32 = 3u; // rewritable
override WORKGROUP_SIZE: u32 = 8u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  const TAPS = KERNEL_H * KERNEL_W;
  let index = linear_workgroup(workgroup, workgroups) * WORKGROUP_SIZE + lane;
  let split = index % params.splits;
  let i = (index / params.splits) % params.kernel_d;
  let c = (index / (params.splits * params.kernel_d)) % params.in_channels;
  let first = index / (params.splits * params.kernel_d * params.in_channels) * 8u;
  if (first >= params.out_channels) {
    return;
  }
  var sums: array<vec4<f32>, 8u * TAPS>;
  let rows = params.out_d * params.out_h;
  for (var tile = split; tile < params.batch * rows * params.tiles_w; tile += params.splits) {
    let w = tile % params.tiles_w * 4u;
    let h = (tile / params.tiles_w) % params.out_h;
    let d = (tile / (params.tiles_w * params.out_h)) % params.out_d;
    let n = tile / (params.tiles_w * rows);
    let xd = d * params.stride_d + i * params.dilation_d - params.padding_d;
    if (xd >= params.in_d) { // below 0 wraps around to a large number
      continue;
    }
    let y_columns = vec4(w) + vec4(0u, 1u, 2u, 3u);
    let live = y_columns < vec4(params.out_w);
    var gradients: array<vec4<f32>, 8>;
    for (var o = 0u; o < 8u; o++) {
      let channel = min(first + o, params.out_channels - 1u);
      let row = ((n * params.out_channels + channel) * rows + d * params.out_h + h) * params.out_w;
      let at = row + min(y_columns, vec4(params.out_w - 1u));
      gradients[o] = select(vec4(0.0), vec4<f32>(vec4(dy[at.x], dy[at.y], dy[at.z], dy[at.w])), live);
    }
    let plane = ((n * params.in_channels + c) * params.in_d + xd) * params.in_h * params.in_w;
    for (var j = 0u; j < KERNEL_H; j++) {
      let xh = h * params.stride_h + j * params.dilation_h - params.padding_h;
      let row = plane + min(xh, params.in_h - 1u) * params.in_w;
      for (var k = 0u; k < KERNEL_W; k++) {
        let xw = y_columns * params.stride_w + k * params.dilation_w - params.padding_w;
        let inside = (xw < vec4(params.in_w)) & vec4(xh < params.in_h);
        let at = row + min(xw, vec4(params.in_w - 1u));
        let values = select(vec4(0.0), vec4<f32>(vec4(x[at.x], x[at.y], x[at.z], x[at.w])), inside);
        for (var o = 0u; o < 8u; o++) {
          sums[o * TAPS + j * KERNEL_W + k] += gradients[o] * values;
        }
      }
    }
  }

  for (var o = 0u; o < 8u; o++) {
    if (first + o >= params.out_channels) {
      break;
    }
    let row = (((first + o) * params.in_channels + c) * params.kernel_d + i) * TAPS;
    for (var tap = 0u; tap < TAPS; tap++) {
      partial[(row + tap) * params.splits + split] = dot(sums[o * TAPS + tap], vec4(1.0));
    }
  }
}
