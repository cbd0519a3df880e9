// y[n, o, d, h, w] = bias[o] + sum over c, i, j, k of weight[o, c, i, j, k] * x[n, c, d * stride + i - padding, ...]
// for kernels of any depth and 3x3 in the plane, stride 1 or 2 in the plane, dilation 1.
// x: [N, Cin, D, H, W]   weight: [Cout, Cin, kd, 3, 3]   bias: [Cout]   y: [N, Cout, D', H', W']
// One thread computes BLOCK output channels x ROWS rows x 4 columns: a matrix per row and four channels, whose
// columns are the channels and whose rows are the columns of y. The block of channels comes
// from the workgroup; its threads lie along the tiles of all samples.
// Idea: a weight is the same for all threads, so the lanes of a subgroup load one channel's each and hand
// them around: one load instead of BLOCK. Nothing is indexed by a variable, so that all sums stay in registers.
// Backward, x is dy and the weight is read mirrored, with its channels swapped.
enable subgroups;
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
  padding_h: u32,
  padding_w: u32,
  has_bias: u32,
  weight_out: u32, // elements from one output channel's weights to the next
  weight_in: u32, // and from one input channel's
  tap_first: u32,
  tap_step: i32, // 1, or -1 when mirrored
  tiles_h: u32,
  tiles_w: u32,
  groups: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<elem>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<elem>;

const BLOCK: u32 = 8u; // rewritable
const STRIDE: u32 = 1u; // rewritable
const ROWS: u32 = 4u; // rewritable
override WORKGROUP_SIZE: u32 = 8u;

// What the three taps of a row meet, for four columns of y.
struct Row {
  left: vec4<f32>,
  centre: vec4<f32>,
  right: vec4<f32>,
}

// The nine taps of a plane, for four output channels each.
struct Taps {
  top: mat3x4<f32>,
  middle: mat3x4<f32>,
  bottom: mat3x4<f32>,
}

fn element(start: u32, column: u32, inside: bool) -> f32 {
  return select(0.0, f32(x[start + min(column, params.in_w - 1u)]), inside && column < params.in_w);
}

// A row or column before the first wraps around to a large number.
fn load_row(plane: u32, row: u32, first: u32, plane_inside: bool) -> Row {
  let inside = plane_inside && row < params.in_h;
  let start = plane + min(row, params.in_h - 1u) * params.in_w;
  let a = element(start, first, inside);
  let b = element(start, first + 1u, inside);
  let c = element(start, first + 2u, inside);
  let d = element(start, first + 3u, inside);
  let e = element(start, first + 4u, inside);
  let f = element(start, first + 5u, inside);
  if (STRIDE == 1u) {
    return Row(vec4(a, b, c, d), vec4(b, c, d, e), vec4(c, d, e, f));
  }
  let g = element(start, first + 6u, inside);
  let h = element(start, first + 7u, inside);
  let i = element(start, first + 8u, inside);
  return Row(vec4(a, c, e, g), vec4(b, d, f, h), vec4(c, e, g, i));
}

fn low_channels(taps: f32) -> vec4<f32> {
  return vec4(
    subgroupBroadcast(taps, 0u),
    subgroupBroadcast(taps, 1u),
    subgroupBroadcast(taps, 2u),
    subgroupBroadcast(taps, 3u),
  );
}

fn high_channels(taps: f32) -> vec4<f32> {
  return vec4(
    subgroupBroadcast(taps, BLOCK - 4u),
    subgroupBroadcast(taps, BLOCK - 3u),
    subgroupBroadcast(taps, BLOCK - 2u),
    subgroupBroadcast(taps, BLOCK - 1u),
  );
}

fn outer(x: vec4<f32>, taps: vec4<f32>) -> mat4x4<f32> {
  return mat4x4(x * taps.x, x * taps.y, x * taps.z, x * taps.w);
}

fn add_row(sums: mat4x4<f32>, row: Row, taps: mat3x4<f32>) -> mat4x4<f32> {
  return sums + outer(row.left, taps[0]) + outer(row.centre, taps[1]) + outer(row.right, taps[2]);
}

fn add_plane(sums: mat4x4<f32>, top: Row, middle: Row, bottom: Row, taps: Taps) -> mat4x4<f32> {
  return add_row(add_row(add_row(sums, top, taps.top), middle, taps.middle), bottom, taps.bottom);
}

struct Place {
  n: u32,
  channel: u32,
  d: u32,
  h: u32,
  w: u32,
}

fn store(at: Place, row: u32, sums: mat4x4<f32>) {
  if (at.n >= params.batch || at.h + row >= params.out_h) {
    return;
  }
  for (var o = 0u; o < 4u; o++) {
    let channel = at.channel + o;
    if (channel >= params.out_channels) {
      return;
    }
    var offset = 0.0;
    if (params.has_bias == 1u) {
      offset = bias[channel];
    }
    let plane = (at.n * params.out_channels + channel) * params.out_d + at.d;
    let start = (plane * params.out_h + at.h + row) * params.out_w;
    for (var e = 0u; e < 4u; e++) {
      if (at.w + e < params.out_w) {
        y[start + at.w + e] = elem(sums[o][e] + offset);
      }
    }
  }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_invocation_id) sublane: u32,
) {
  let group = linear_workgroup(workgroup, workgroups);
  let first = group / params.groups * BLOCK;
  if (first >= params.out_channels) {
    return;
  }
  let tile = (group % params.groups) * WORKGROUP_SIZE + lane;
  let n = tile / (params.out_d * params.tiles_h * params.tiles_w);
  let d = tile / (params.tiles_h * params.tiles_w) % params.out_d;
  let h = tile / params.tiles_w % params.tiles_h * ROWS;
  let w = tile % params.tiles_w * 4u;
  let column = w * STRIDE - params.padding_w;
  let own_weights = min(first + sublane % BLOCK, params.out_channels - 1u) * params.weight_out;

  var low = array<mat4x4<f32>, 4>();
  var high = array<mat4x4<f32>, 4>();
  for (var c = 0u; c < params.in_channels; c++) {
    for (var i = 0u; i < params.kernel_d; i++) {
      let xd = d * params.stride_d + i - params.padding_d;
      let inside = xd < params.in_d && n < params.batch;
      let plane = ((min(n, params.batch - 1u) * params.in_channels + c) * params.in_d + min(xd, params.in_d - 1u)) * params.in_h * params.in_w;
      let row = h * STRIDE - params.padding_h;
      var rows: array<Row, 9>;
      rows[0] = load_row(plane, row, column, inside);
      rows[1] = load_row(plane, row + 1u, column, inside);
      rows[2] = load_row(plane, row + 2u, column, inside);
      rows[3] = load_row(plane, row + 3u, column, inside);
      if (ROWS == 4u || STRIDE == 2u) {
        rows[4] = load_row(plane, row + 4u, column, inside);
      }
      if (ROWS == 4u) {
        rows[5] = load_row(plane, row + 5u, column, inside);
      }
      if (ROWS == 4u && STRIDE == 2u) {
        rows[6] = load_row(plane, row + 6u, column, inside);
        rows[7] = load_row(plane, row + 7u, column, inside);
        rows[8] = load_row(plane, row + 8u, column, inside);
      }
      let at = i32(own_weights + c * params.weight_in + params.tap_first) + params.tap_step * i32(i * 9u);
      var taps: array<f32, 9>;
      for (var tap = 0; tap < 9; tap++) {
        taps[tap] = weight[at + params.tap_step * tap];
      }
      let low_taps = Taps(
        mat3x4(low_channels(taps[0]), low_channels(taps[1]), low_channels(taps[2])),
        mat3x4(low_channels(taps[3]), low_channels(taps[4]), low_channels(taps[5])),
        mat3x4(low_channels(taps[6]), low_channels(taps[7]), low_channels(taps[8])),
      );
      low[0] = add_plane(low[0], rows[0], rows[1], rows[2], low_taps);
      low[1] = add_plane(low[1], rows[STRIDE], rows[STRIDE + 1u], rows[STRIDE + 2u], low_taps);
      if (ROWS == 4u) {
        low[2] = add_plane(low[2], rows[2u * STRIDE], rows[2u * STRIDE + 1u], rows[2u * STRIDE + 2u], low_taps);
        low[3] = add_plane(low[3], rows[3u * STRIDE], rows[3u * STRIDE + 1u], rows[3u * STRIDE + 2u], low_taps);
      }
      if (BLOCK == 8u) {
        let high_taps = Taps(
          mat3x4(high_channels(taps[0]), high_channels(taps[1]), high_channels(taps[2])),
          mat3x4(high_channels(taps[3]), high_channels(taps[4]), high_channels(taps[5])),
          mat3x4(high_channels(taps[6]), high_channels(taps[7]), high_channels(taps[8])),
        );
        high[0] = add_plane(high[0], rows[0], rows[1], rows[2], high_taps);
        high[1] = add_plane(high[1], rows[STRIDE], rows[STRIDE + 1u], rows[STRIDE + 2u], high_taps);
        if (ROWS == 4u) {
          high[2] = add_plane(high[2], rows[2u * STRIDE], rows[2u * STRIDE + 1u], rows[2u * STRIDE + 2u], high_taps);
          high[3] = add_plane(high[3], rows[3u * STRIDE], rows[3u * STRIDE + 1u], rows[3u * STRIDE + 2u], high_taps);
        }
      }
    }
  }

  let at = Place(n, first, d, h, w);
  for (var r = 0u; r < ROWS; r++) {
    store(at, r, low[r]);
  }
  if (BLOCK == 8u) {
    let next = Place(n, first + 4u, d, h, w);
    for (var r = 0u; r < ROWS; r++) {
      store(next, r, high[r]);
    }
  }
}
