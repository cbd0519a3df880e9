// y[n, o, d, h, w] = bias[o] + sum over c, i, j, k of
//   weight[o, c, i, j, k] * x[n, c, d*stride + i*dilation - padding, ...]
// x: [N, Cin, D, H, W]   weight: [Cout, Cin, kd, kh, kw]   bias: [Cout]   y: [N, Cout, D', H', W']
// The seven loops of reference/conv3d.ts, one thread per element of y. Any kernel, stride, padding, dilation.
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
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<elem>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<elem>;

override WORKGROUP_SIZE: u32 = 64u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = linear_workgroup(workgroup, workgroups) * WORKGROUP_SIZE + lane;
  if (index >= params.batch * params.out_channels * params.out_d * params.out_h * params.out_w) {
    return;
  }
  let w = index % params.out_w;
  let h = (index / params.out_w) % params.out_h;
  let d = (index / (params.out_w * params.out_h)) % params.out_d;
  let row = index / (params.out_w * params.out_h * params.out_d);
  let o = row % params.out_channels;
  let n = row / params.out_channels;

  var sum = 0.0;
  if (params.has_bias == 1u) {
    sum = bias[o];
  }
  for (var c = 0u; c < params.in_channels; c++) {
    for (var i = 0u; i < params.kernel_d; i++) {
      let xd = d * params.stride_d + i * params.dilation_d - params.padding_d;
      if (xd >= params.in_d) { // below 0 wraps around to a large number
        continue;
      }
      for (var j = 0u; j < params.kernel_h; j++) {
        let xh = h * params.stride_h + j * params.dilation_h - params.padding_h;
        if (xh >= params.in_h) {
          continue;
        }
        let x_row = (((n * params.in_channels + c) * params.in_d + xd) * params.in_h + xh) * params.in_w;
        let weight_row = (((o * params.in_channels + c) * params.kernel_d + i) * params.kernel_h + j) * params.kernel_w;
        for (var k = 0u; k < params.kernel_w; k++) {
          let xw = w * params.stride_w + k * params.dilation_w - params.padding_w;
          if (xw < params.in_w) {
            sum += weight[weight_row + k] * f32(x[x_row + xw]);
          }
        }
      }
    }
  }
  y[index] = elem(sum);
}
