// dx[n, i, a] = sum over o, k of dy[n, o, a * stride - padding + k] * weight[i, o, k]
// x, dx: [N, Cin, D, H, W]   weight: [Cin, Cout, kd, kh, kw]   dy: [N, Cout, D', H', W']
// One thread per element of dx: a strided convolution of dy with the weights as they are.
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
  let in_voxels = params.in_d * params.in_h * params.in_w;
  if (index >= params.batch * params.in_channels * in_voxels) {
    return;
  }
  let a_w = index % params.in_w;
  let a_h = index / params.in_w % params.in_h;
  let a_d = index / (params.in_w * params.in_h) % params.in_d;
  let in_channel = index / in_voxels % params.in_channels;
  let n = index / (in_voxels * params.in_channels);
  let taps = params.kernel_d * params.kernel_h * params.kernel_w;
  let out_voxels = params.out_d * params.out_h * params.out_w;

  var sum = 0.0;
  for (var out_channel = 0u; out_channel < params.out_channels; out_channel++) {
    let dy_start = (n * params.out_channels + out_channel) * out_voxels;
    let weight_start = (in_channel * params.out_channels + out_channel) * taps;
    for (var kd = 0u; kd < params.kernel_d; kd++) {
      // A position before the first voxel wraps to a large number: one bound refuses both ends.
      let d = a_d * params.stride_d + kd - params.padding_d;
      if (d >= params.out_d) {
        continue;
      }
      for (var kh = 0u; kh < params.kernel_h; kh++) {
        let h = a_h * params.stride_h + kh - params.padding_h;
        if (h >= params.out_h) {
          continue;
        }
        for (var kw = 0u; kw < params.kernel_w; kw++) {
          let w = a_w * params.stride_w + kw - params.padding_w;
          if (w < params.out_w) {
            sum += f32(dy[dy_start + (d * params.out_h + h) * params.out_w + w])
              * weight[weight_start + (kd * params.kernel_h + kh) * params.kernel_w + kw];
          }
        }
      }
    }
  }
  dx[index] = elem(sum);
}
