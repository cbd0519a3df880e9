// packed[t, c, o] = weight[o, c, t] for o < Cout, 0 beyond; the taps in reverse where `mirrored`
// weight: [Cout, Cin, taps] or, by its strides, [Cin, Cout, taps]   packed: [taps, Cin, 4 * quads]
// One thread per element of packed. The kernels with workgroup memory read four output channels at
// once, side by side: here they come to lie like that, once, instead of in every workgroup.
//#include "common/linear_index.wgsl"

struct Params {
  in_channels: u32,
  out_channels: u32,
  taps: u32,
  quads: u32,
  weight_out: u32, // elements from one output channel's weights to the next
  weight_in: u32, // and from one input channel's
  mirrored: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> packed: array<f32>;

override WORKGROUP_SIZE: u32 = 64u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = linear_workgroup(workgroup, workgroups) * WORKGROUP_SIZE + lane;
  let width = 4u * params.quads;
  if (index >= params.taps * params.in_channels * width) {
    return;
  }
  let o = index % width;
  let c = (index / width) % params.in_channels;
  let tap = index / (width * params.in_channels);
  var value = 0.0;
  if (o < params.out_channels) {
    let t = select(tap, params.taps - 1u - tap, params.mirrored == 1u);
    value = weight[o * params.weight_out + c * params.weight_in + t];
  }
  packed[index] = value;
}
