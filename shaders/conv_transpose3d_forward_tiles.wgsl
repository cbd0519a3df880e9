// y[n, o, z] = bias[o] + sum over c, a, k with a * stride - padding + k = z of x[n, c, a] * weight[c, o, k]
// x: [N, Cin, D, H, W]   weight: [Cin, Cout, kd, kh, kw]   bias: [Cout]   y: [N, Cout, D', H', W']
// One thread computes BLOCK channels x ROWS rows x 4 * STRIDE_W columns of y. Which taps meet which
// voxels repeats with the stride: in the plane the pattern is constant and unrolled, so that dead
// taps cost nothing; along depth it comes from the workgroup (`phase`). The block of channels comes
// from the workgroup too, so that weight addresses are uniform. Needs padding < kernel in the plane.
// Idea: the parity sub-problems of a strided input gradient (Dumoulin and Visin 2016, section 4.5),
// register-blocked.
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
  has_bias: u32,
  tiles_h: u32,
  tiles_w: u32,
  groups: u32, // workgroups per sample, block and phase
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<elem>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<elem>;

const KERNEL_H: u32 = 3u; // rewritable
const KERNEL_W: u32 = 3u; // rewritable
const STRIDE_H: u32 = 2u; // rewritable
const STRIDE_W: u32 = 2u; // rewritable
const PADDING_H: u32 = 1u; // rewritable
const PADDING_W: u32 = 1u; // rewritable
// A multiple of STRIDE_H.
const ROWS: u32 = 4u; // rewritable
const BLOCK: u32 = 4u; // rewritable
override WORKGROUP_SIZE: u32 = 32u;

const TAPS: u32 = KERNEL_H * KERNEL_W;
// Rows and columns of x that reach into the tile from before its first voxel.
const BEFORE_H: u32 = (KERNEL_H - 1u - PADDING_H) / STRIDE_H;
const BEFORE_W: u32 = (KERNEL_W - 1u - PADDING_W) / STRIDE_W;
const X_ROWS: u32 = (ROWS - 1u + PADDING_H) / STRIDE_H + BEFORE_H + 1u;
// Four columns of x are met at this many offsets.
const SHIFTS: u32 = (STRIDE_W - 1u + PADDING_W) / STRIDE_W + BEFORE_W + 1u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let group = linear_workgroup(workgroup, workgroups);
  let blocks = (params.out_channels + BLOCK - 1u) / BLOCK;
  let phase = group / params.groups % params.stride_d;
  let first_channel = group / (params.groups * params.stride_d) % blocks * BLOCK;
  let n = group / (params.groups * params.stride_d * blocks);
  let tile = group % params.groups * WORKGROUP_SIZE + lane;
  let cell_d = tile / (params.tiles_h * params.tiles_w);
  let d = cell_d * params.stride_d + phase;
  let h = tile / params.tiles_w % params.tiles_h * ROWS;
  let w = tile % params.tiles_w * 4u * STRIDE_W;
  if (n >= params.batch || d >= params.out_d) {
    return;
  }
  let first_tap = (phase + params.padding_d) % params.stride_d;
  let ahead = (phase + params.padding_d) / params.stride_d;
  // Positions before the first voxel wrap to large numbers: one bound refuses both ends.
  let x_h = h / STRIDE_H - BEFORE_H;
  let x_w = w / STRIDE_W - BEFORE_W;

  var sums: array<vec4<f32>, BLOCK * ROWS * STRIDE_W>;
  for (var c = 0u; c < params.in_channels; c++) {
    for (var i = first_tap; i < params.kernel_d; i += params.stride_d) {
      let x_d = cell_d + ahead - i / params.stride_d;
      let plane = ((n * params.in_channels + c) * params.in_d + min(x_d, params.in_d - 1u)) * params.in_h * params.in_w;
      var values: array<vec4<f32>, X_ROWS * SHIFTS>;
      for (var r = 0u; r < X_ROWS; r++) {
        let row_inside = x_d < params.in_d && x_h + r < params.in_h;
        let start = plane + min(x_h + r, params.in_h - 1u) * params.in_w;
        var line: array<f32, SHIFTS + 3u>;
        for (var e = 0u; e < SHIFTS + 3u; e++) {
          let inside = row_inside && x_w + e < params.in_w;
          line[e] = select(0.0, f32(x[start + min(x_w + e, params.in_w - 1u)]), inside);
        }
        for (var e = 0u; e < SHIFTS; e++) {
          values[r * SHIFTS + e] = vec4(line[e], line[e + 1u], line[e + 2u], line[e + 3u]);
        }
      }
      for (var o = 0u; o < BLOCK; o++) {
        let channel = min(first_channel + o, params.out_channels - 1u);
        let first = ((c * params.out_channels + channel) * params.kernel_d + i) * TAPS;
        var taps: array<f32, TAPS>;
        for (var t = 0u; t < TAPS; t++) {
          taps[t] = weight[first + t];
        }
        // Row r and column phase q of the tile, in the loops below, and the taps that are alive there.
        for (var r = 0u; r < ROWS; r++) {
          for (var q = 0u; q < STRIDE_W; q++) {
            var sum = sums[(o * ROWS + r) * STRIDE_W + q];
            for (var j = 0u; j < KERNEL_H; j++) {
              if ((r + PADDING_H + STRIDE_H * KERNEL_H - j) % STRIDE_H == 0u) {
                for (var k = 0u; k < KERNEL_W; k++) {
                  if ((q + PADDING_W + STRIDE_W * KERNEL_W - k) % STRIDE_W == 0u) {
                    let row = (r + PADDING_H + STRIDE_H * (BEFORE_H + KERNEL_H) - j) / STRIDE_H - KERNEL_H;
                    let shift = (q + PADDING_W + STRIDE_W * (BEFORE_W + KERNEL_W) - k) / STRIDE_W - KERNEL_W;
                    sum += taps[j * KERNEL_W + k] * values[row * SHIFTS + shift];
                  }
                }
              }
            }
            sums[(o * ROWS + r) * STRIDE_W + q] = sum;
          }
        }
      }
    }
  }

  for (var o = 0u; o < BLOCK; o++) {
    let channel = first_channel + o;
    if (channel >= params.out_channels) {
      break;
    }
    var offset = 0.0;
    if (params.has_bias != 0u) {
      offset = bias[channel];
    }
    for (var r = 0u; r < ROWS; r++) {
      if (h + r >= params.out_h) {
        break;
      }
      let row = (((n * params.out_channels + channel) * params.out_d + d) * params.out_h + h + r) * params.out_w;
      for (var q = 0u; q < STRIDE_W; q++) {
        for (var e = 0u; e < 4u; e++) {
          let column = w + e * STRIDE_W + q;
          if (column < params.out_w) {
            y[row + column] = elem(sums[(o * ROWS + r) * STRIDE_W + q][e] + offset);
          }
        }
      }
    }
  }
}
