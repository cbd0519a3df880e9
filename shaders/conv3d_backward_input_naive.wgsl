// dx[n, c, d, h, w] = sum over o, i, j, k of weight[o, c, i, j, k] * dy[n, o, (d + padding - i*dilation) / stride, ...]
//   where the division leaves no rest
// weight: [Cout, Cin, kd, kh, kw]   dy: [N, Cout, D', H', W']   dx: [N, Cin, D, H, W]
// One thread per element of dx. Any kernel, stride, padding, dilation.
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
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<elem>;
@group(0) @binding(3) var<storage, read_write> dx: array<elem>;

override WORKGROUP_SIZE: u32 = 64u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = linear_workgroup(workgroup, workgroups) * WORKGROUP_SIZE + lane;
  if (index >= params.batch * params.in_channels * params.in_d * params.in_h * params.in_w) {
    return;
  }
  let w = index % params.in_w;
  let h = (index / params.in_w) % params.in_h;
  let d = (index / (params.in_w * params.in_h)) % params.in_d;
  let row = index / (params.in_w * params.in_h * params.in_d);
  let c = row % params.in_channels;
  let n = row / params.in_channels;

  var sum = 0.0;
  for (var i = 0u; i < params.kernel_d; i++) {
    let d_step = d + params.padding_d - i * params.dilation_d; // below 0 wraps around to a large number
    let yd = d_step / params.stride_d;
    if (yd * params.stride_d != d_step || yd >= params.out_d) {
      continue;
    }
    for (var j = 0u; j < params.kernel_h; j++) {
      let h_step = h + params.padding_h - j * params.dilation_h;
      let yh = h_step / params.stride_h;
      if (yh * params.stride_h != h_step || yh >= params.out_h) {
        continue;
      }
      for (var k = 0u; k < params.kernel_w; k++) {
        let w_step = w + params.padding_w - k * params.dilation_w;
        let yw = w_step / params.stride_w;
        if (yw * params.stride_w != w_step || yw >= params.out_w) {
          continue;
        }
        for (var o = 0u; o < params.out_channels; o++) {
          let tap = (((o * params.in_channels + c) * params.kernel_d + i) * params.kernel_h + j) * params.kernel_w + k;
          let at = (((n * params.out_channels + o) * params.out_d + yd) * params.out_h + yh) * params.out_w + yw;
          sum += weight[tap] * f32(dy[at]);
        }
      }
    }
  }
  dx[index] = elem(sum);
}
