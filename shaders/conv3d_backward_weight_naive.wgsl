// partial[o, c, i, j, k, p] = sum over n and the output rows r = p, p + splits, ... of
//   dy[n, o, r, w] * x[n, c, d*stride + i*dilation - padding, ...],   r = d * H' + h
// x: [N, Cin, D, H, W]   dy: [N, Cout, D', H', W']   partial: [Cout, Cin, kd, kh, kw, splits]
// One thread per weight and split. `sum_rows` adds the splits in a fixed order. Any kernel, stride, padding, dilation.
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
  splits: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<elem>;
@group(0) @binding(2) var<storage, read> dy: array<elem>;
@group(0) @binding(3) var<storage, read_write> partial: array<f32>;

override WORKGROUP_SIZE: u32 = 64u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = linear_workgroup(workgroup, workgroups) * WORKGROUP_SIZE + lane;
  let taps = params.kernel_d * params.kernel_h * params.kernel_w;
  if (index >= params.out_channels * params.in_channels * taps * params.splits) {
    return;
  }
  let split = index % params.splits;
  let tap = (index / params.splits) % taps;
  let c = (index / (params.splits * taps)) % params.in_channels;
  let o = index / (params.splits * taps * params.in_channels);
  let k = tap % params.kernel_w;
  let j = (tap / params.kernel_w) % params.kernel_h;
  let i = tap / (params.kernel_w * params.kernel_h);

  var sum = 0.0;
  for (var n = 0u; n < params.batch; n++) {
    for (var r = split; r < params.out_d * params.out_h; r += params.splits) {
      let d = r / params.out_h;
      let h = r % params.out_h;
      let xd = d * params.stride_d + i * params.dilation_d - params.padding_d;
      let xh = h * params.stride_h + j * params.dilation_h - params.padding_h;
      if (xd >= params.in_d || xh >= params.in_h) { // below 0 wraps around to a large number
        continue;
      }
      let x_row = (((n * params.in_channels + c) * params.in_d + xd) * params.in_h + xh) * params.in_w;
      let y_row = (((n * params.out_channels + o) * params.out_d + d) * params.out_h + h) * params.out_w;
      for (var w = 0u; w < params.out_w; w++) {
        let xw = w * params.stride_w + k * params.dilation_w - params.padding_w;
        if (xw < params.in_w) {
          sum += f32(dy[y_row + w]) * f32(x[x_row + xw]);
        }
      }
    }
  }
  partial[index] = sum;
}
