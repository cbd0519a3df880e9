// packed[block, c, i, o, tap] = weight[block * BLOCK + o, c, i, tap]   0 beyond the last output channel
// mirrored: packed[block, c, i, o, tap] = weight[c, block * BLOCK + o, last - i, last - tap], the
//   convolution that turns dy into dx
// weight: [O, I, kd, taps], taps = kh * kw   packed: [blocks, C, kd, BLOCK, taps]
// One thread per element of packed. Puts what one thread of the blocked kernels reads side by side.
//#include "common/linear_index.wgsl"

struct Params {
  in_channels: u32,
  out_channels: u32,
  kernel_d: u32,
  taps: u32,
  mirrored: u32,
  count: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> packed: array<f32>;

const BLOCK: u32 = 8u; // rewritable
override WORKGROUP_SIZE: u32 = 64u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = linear_workgroup(workgroup, workgroups) * WORKGROUP_SIZE + lane;
  if (index >= params.count) {
    return;
  }
  let tap = index % params.taps;
  let in_block = (index / params.taps) % BLOCK;
  let i = (index / (params.taps * BLOCK)) % params.kernel_d;
  let c = (index / (params.taps * BLOCK * params.kernel_d)) % params.in_channels;
  let o = index / (params.taps * BLOCK * params.kernel_d * params.in_channels) * BLOCK + in_block;
  var value = 0.0;
  if (o < params.out_channels) {
    if (params.mirrored == 1u) {
      let row = (c * params.out_channels + o) * params.kernel_d + params.kernel_d - 1u - i;
      value = weight[row * params.taps + params.taps - 1u - tap];
    } else {
      value = weight[((o * params.in_channels + c) * params.kernel_d + i) * params.taps + tap];
    }
  }
  packed[index] = value;
}
