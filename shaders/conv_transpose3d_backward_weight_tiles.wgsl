// partial[c, o, i, j, k, p] = sum over the segments p, p + splits, ... of x of
//                             x[n, c, a] * dy[n, o, a * stride - padding + (i, j, k)]
// x: [N, Cin, D, H, W]   dy: [N, Cout, D', H', W']   partial: [Cin, Cout, kd, kh, kw, splits]
// A segment is 4 voxels of x along W. One thread sums IN_BLOCK channels of x against OUT_BLOCK of dy
// for all taps of one plane i of the kernel; the blocks and i come from the workgroup. `sum_rows` adds
// the splits in a fixed order. Idea: a matrix product whose long side, the voxels, is split.
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
  padding_d: u32,
  splits: u32,
  groups: u32, // workgroups per pair of blocks and plane of the kernel
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<elem>;
@group(0) @binding(2) var<storage, read> dy: array<elem>;
@group(0) @binding(3) var<storage, read_write> partial: array<f32>;

const KERNEL_H: u32 = 3u; // rewritable
const KERNEL_W: u32 = 3u; // rewritable
const STRIDE_H: u32 = 2u; // rewritable
const STRIDE_W: u32 = 2u; // rewritable
const PADDING_H: u32 = 1u; // rewritable
const PADDING_W: u32 = 1u; // rewritable
const IN_BLOCK: u32 = 8u; // rewritable
const OUT_BLOCK: u32 = 1u; // rewritable
override WORKGROUP_SIZE: u32 = 32u;

const TAPS: u32 = KERNEL_H * KERNEL_W;
const DY_COLUMNS: u32 = 3u * STRIDE_W + KERNEL_W;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let group = linear_workgroup(workgroup, workgroups);
  let split = group % params.groups * WORKGROUP_SIZE + lane;
  let i = group / params.groups % params.kernel_d;
  let out_blocks = (params.out_channels + OUT_BLOCK - 1u) / OUT_BLOCK;
  let tile = group / (params.groups * params.kernel_d);
  let first_out = tile % out_blocks * OUT_BLOCK;
  let first_in = tile / out_blocks * IN_BLOCK;
  if (first_in >= params.in_channels || split >= params.splits) {
    return;
  }
  let quads = (params.in_w + 3u) / 4u;
  let segments = params.batch * params.in_d * params.in_h * quads;
  let in_voxels = params.in_d * params.in_h * params.in_w;

  var sums: array<f32, OUT_BLOCK * TAPS * IN_BLOCK>;
  for (var segment = split; segment < segments; segment += params.splits) {
    let x_w = segment % quads * 4u;
    let x_h = segment / quads % params.in_h;
    let x_d = segment / (quads * params.in_h) % params.in_d;
    let n = segment / (quads * params.in_h * params.in_d);
    // Positions before the first voxel wrap to large numbers: one bound refuses both ends.
    let d = x_d * params.stride_d + i - params.padding_d;
    let h = x_h * STRIDE_H - PADDING_H;
    let w = x_w * STRIDE_W - PADDING_W;

    var xs: array<vec4<f32>, IN_BLOCK>;
    let x_start = n * params.in_channels * in_voxels + (x_d * params.in_h + x_h) * params.in_w;
    for (var c = 0u; c < IN_BLOCK; c++) {
      let start = x_start + min(first_in + c, params.in_channels - 1u) * in_voxels;
      for (var e = 0u; e < 4u; e++) {
        xs[c][e] = select(0.0, f32(x[start + min(x_w + e, params.in_w - 1u)]), x_w + e < params.in_w);
      }
    }
    for (var o = 0u; o < OUT_BLOCK; o++) {
      let channel = min(first_out + o, params.out_channels - 1u);
      let plane = ((n * params.out_channels + channel) * params.out_d + min(d, params.out_d - 1u)) * params.out_h * params.out_w;
      for (var j = 0u; j < KERNEL_H; j++) {
        let row_inside = d < params.out_d && h + j < params.out_h;
        let start = plane + min(h + j, params.out_h - 1u) * params.out_w;
        var line: array<f32, DY_COLUMNS>;
        for (var e = 0u; e < DY_COLUMNS; e++) {
          let inside = row_inside && w + e < params.out_w;
          line[e] = select(0.0, f32(dy[start + min(w + e, params.out_w - 1u)]), inside);
        }
        for (var k = 0u; k < KERNEL_W; k++) {
          let ys = vec4(line[k], line[k + STRIDE_W], line[k + 2u * STRIDE_W], line[k + 3u * STRIDE_W]);
          for (var c = 0u; c < IN_BLOCK; c++) {
            sums[(o * TAPS + j * KERNEL_W + k) * IN_BLOCK + c] += dot(xs[c], ys);
          }
        }
      }
    }
  }

  for (var o = 0u; o < OUT_BLOCK; o++) {
    for (var c = 0u; c < IN_BLOCK; c++) {
      if (first_in + c < params.in_channels && first_out + o < params.out_channels) {
        let first = (((first_in + c) * params.out_channels + first_out + o) * params.kernel_d + i) * TAPS;
        for (var t = 0u; t < TAPS; t++) {
          partial[(first + t) * params.splits + split] = sums[(o * TAPS + t) * IN_BLOCK + c];
        }
      }
    }
  }
}
