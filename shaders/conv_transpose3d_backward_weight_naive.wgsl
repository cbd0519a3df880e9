// partial[i, o, k, p] = sum over the rows (n, d, h) = p, p + splits, ... of x, and over w, of
//                       x[n, i, a] * dy[n, o, a * stride - padding + k]   with a = (d, h, w)
// x: [N, Cin, D, H, W]   dy: [N, Cout, D', H', W']   partial: [Cin, Cout, kd, kh, kw, splits]
// One thread per element of partial; `sum_rows` adds the splits in a fixed order.
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
  if (index >= params.in_channels * params.out_channels * taps * params.splits) {
    return;
  }
  let split = index % params.splits;
  let kw = index / params.splits % params.kernel_w;
  let kh = index / (params.splits * params.kernel_w) % params.kernel_h;
  let kd = index / (params.splits * params.kernel_w * params.kernel_h) % params.kernel_d;
  let out_channel = index / (params.splits * taps) % params.out_channels;
  let in_channel = index / (params.splits * taps * params.out_channels);

  var sum = 0.0;
  let rows = params.batch * params.in_d * params.in_h;
  for (var row = split; row < rows; row += params.splits) {
    let a_h = row % params.in_h;
    let a_d = row / params.in_h % params.in_d;
    let n = row / (params.in_h * params.in_d);
    // A position before the first voxel wraps to a large number: one bound refuses both ends.
    let d = a_d * params.stride_d + kd - params.padding_d;
    let h = a_h * params.stride_h + kh - params.padding_h;
    if (d >= params.out_d || h >= params.out_h) {
      continue;
    }
    let x_row = (((n * params.in_channels + in_channel) * params.in_d + a_d) * params.in_h + a_h)
      * params.in_w;
    let dy_row = (((n * params.out_channels + out_channel) * params.out_d + d) * params.out_h + h)
      * params.out_w;
    for (var a_w = 0u; a_w < params.in_w; a_w++) {
      let w = a_w * params.stride_w + kw - params.padding_w;
      if (w < params.out_w) {
        sum += f32(x[x_row + a_w]) * f32(dy[dy_row + w]);
      }
    }
  }
  partial[index] = sum;
}
