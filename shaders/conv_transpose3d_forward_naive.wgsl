// y[n, o, z] = bias[o] + sum over i, a, k with a * stride - padding + k = z of x[n, i, a] * weight[i, o, k]
// x: [N, Cin, D, H, W]   weight: [Cin, Cout, kd, kh, kw]   bias: [Cout]   y: [N, Cout, D', H', W']
// One thread per element of y, gathering: along each axis only every stride-th tap meets a voxel of
// x, so the taps start at (z + padding) mod stride. Dumoulin and Visin 2016, section 4.
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
  let out_voxels = params.out_d * params.out_h * params.out_w;
  if (index >= params.batch * params.out_channels * out_voxels) {
    return;
  }
  // Positions on the padded output, where tap k of voxel a lands on a * stride + k.
  let w = index % params.out_w + params.padding_w;
  let h = index / params.out_w % params.out_h + params.padding_h;
  let d = index / (params.out_w * params.out_h) % params.out_d + params.padding_d;
  let out_channel = index / out_voxels % params.out_channels;
  let n = index / (out_voxels * params.out_channels);
  let taps = params.kernel_d * params.kernel_h * params.kernel_w;
  let in_voxels = params.in_d * params.in_h * params.in_w;

  var sum = 0.0;
  if (params.has_bias != 0u) {
    sum = bias[out_channel];
  }
  for (var in_channel = 0u; in_channel < params.in_channels; in_channel++) {
    let x_start = (n * params.in_channels + in_channel) * in_voxels;
    let weight_start = (in_channel * params.out_channels + out_channel) * taps;
    for (var kd = d % params.stride_d; kd < params.kernel_d; kd += params.stride_d) {
      // Where kd > d this wraps to a large number, which the bound refuses too.
      let a_d = (d - kd) / params.stride_d;
      if (a_d >= params.in_d) {
        continue;
      }
      for (var kh = h % params.stride_h; kh < params.kernel_h; kh += params.stride_h) {
        let a_h = (h - kh) / params.stride_h;
        if (a_h >= params.in_h) {
          continue;
        }
        for (var kw = w % params.stride_w; kw < params.kernel_w; kw += params.stride_w) {
          let a_w = (w - kw) / params.stride_w;
          if (a_w < params.in_w) {
            sum += f32(x[x_start + (a_d * params.in_h + a_h) * params.in_w + a_w])
              * weight[weight_start + (kd * params.kernel_h + kh) * params.kernel_w + kw];
          }
        }
      }
    }
  }
  y[index] = elem(sum);
}
