// y[n, o, v] = bias[o] + sum over c of weight[o, c] * x[n, c, v]: a convolution with a 1x1x1 kernel
// x: [N, Cin, voxels]   weight: [Cout, Cin] or, by its strides, [Cin, Cout]   bias: [Cout]   y: [N, Cout, voxels]
// One thread computes BLOCK channels x COLUMNS * 4 voxels, which lie in a row as no tap reaches beyond
// its own voxel. It loads CHUNK input channels of its voxels, then takes the output channels one by
// one: few sums are alive at a time and stay in registers. The block of channels comes from the
// workgroup, so that weight addresses are uniform: one load serves all lanes.
// Backward, x is dy and the weight is read with its channels swapped.
//#include "common/linear_index.wgsl"

alias elem = f32; // rewritable

struct Params {
  batch: u32,
  in_channels: u32,
  out_channels: u32,
  voxels: u32,
  has_bias: u32,
  weight_out: u32, // elements from one output channel's weights to the next
  weight_in: u32, // and from one input channel's
  groups: u32, // workgroups along the voxels of a sample
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<elem>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<elem>;

const COLUMNS: u32 = 2u; // rewritable
const BLOCK: u32 = 16u; // rewritable
const CHUNK: u32 = 8u; // rewritable
override WORKGROUP_SIZE: u32 = 8u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let group = linear_workgroup(workgroup, workgroups);
  let blocks = (params.out_channels + BLOCK - 1u) / BLOCK;
  let first_o = group / params.groups % blocks * BLOCK;
  let n = group / (params.groups * blocks);
  let first_v = (group % params.groups * WORKGROUP_SIZE + lane) * 4u * COLUMNS;
  if (n >= params.batch || first_v >= params.voxels) {
    return;
  }
  let end = vec4(params.voxels - 1u);

  var sums: array<vec4<f32>, BLOCK * COLUMNS>;
  for (var s = 0u; s < BLOCK * COLUMNS; s++) {
    sums[s] = vec4(0.0);
  }
  for (var first_c = 0u; first_c < params.in_channels; first_c += CHUNK) {
    var values: array<vec4<f32>, CHUNK * COLUMNS>;
    for (var c = 0u; c < CHUNK; c++) {
      let row = (n * params.in_channels + min(first_c + c, params.in_channels - 1u)) * params.voxels;
      let live = vec4(first_c + c < params.in_channels);
      for (var e = 0u; e < COLUMNS; e++) {
        let at = row + min(vec4(first_v + 4u * e) + vec4(0u, 1u, 2u, 3u), end);
        values[c * COLUMNS + e] = select(vec4(0.0), vec4<f32>(vec4(x[at.x], x[at.y], x[at.z], x[at.w])), live);
      }
    }
    for (var o = 0u; o < BLOCK; o++) {
      let from_o = min(first_o + o, params.out_channels - 1u) * params.weight_out;
      var part: array<vec4<f32>, COLUMNS>;
      for (var e = 0u; e < COLUMNS; e++) {
        part[e] = sums[o * COLUMNS + e];
      }
      for (var c = 0u; c < CHUNK; c++) {
        let factor = weight[from_o + min(first_c + c, params.in_channels - 1u) * params.weight_in];
        for (var e = 0u; e < COLUMNS; e++) {
          part[e] += factor * values[c * COLUMNS + e];
        }
      }
      for (var e = 0u; e < COLUMNS; e++) {
        sums[o * COLUMNS + e] = part[e];
      }
    }
  }

  for (var o = 0u; o < BLOCK; o++) {
    let channel = first_o + o;
    if (channel >= params.out_channels) {
      break;
    }
    var offset = 0.0;
    if (params.has_bias == 1u) {
      offset = bias[channel];
    }
    let row = (n * params.out_channels + channel) * params.voxels;
    for (var e = 0u; e < 4u * COLUMNS; e++) {
      if (first_v + e < params.voxels) {
        y[row + first_v + e] = elem(sums[o * COLUMNS + e / 4u][e % 4u] + offset);
      }
    }
  }
}
