// y[n, o, z] = bias[o] + sum over c, a, k with a * stride - padding + k = z of x[n, c, a] * weight[c, o, k]
// for kernels of any depth and 3x3 in the plane, there with stride 2 and padding 1.
// x: [N, Cin, D, H, W]   weight: [Cin, Cout, kd, 3, 3]   bias: [Cout]   y: [N, Cout, D', H', W']
// One thread computes BLOCK channels x ROWS rows x 8 columns of y from ROWS / 2 + 1 rows x 5 columns of x: a
// matrix per row, parity of the column and four channels, whose columns are the channels. ROWS is 4; two channels
// take the other half of the sums for 8 rows. The taps that meet a row of y alternate: the middle one in even
// rows, the outer two in odd ones, and so do those of the columns. Along depth the taps come from the
// workgroup (`phase`), and so does the block of channels.
// Idea: the parity sub-problems of a strided input gradient (Dumoulin and Visin 2016, section 4.5), with
// weights that the lanes of a subgroup load once and hand around, as in conv3d_forward_broadcast.
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

const BLOCK: u32 = 8u; // rewritable
const ROWS: u32 = 4u; // rewritable
// Lanes that load weights.
const LANES: u32 = max(BLOCK, 4u);
override WORKGROUP_SIZE: u32 = 8u;

// Four columns of x, and the four from the next one on.
struct Row {
  here: vec4<f32>,
  next: vec4<f32>,
}

// Four channels of a row of y, even and odd columns apart.
struct Sums {
  even: mat4x4<f32>,
  odd: mat4x4<f32>,
}

fn element(start: u32, column: u32, inside: bool) -> f32 {
  return select(0.0, f32(x[start + min(column, params.in_w - 1u)]), inside && column < params.in_w);
}

fn load_row(plane: u32, row: u32, first: u32, plane_inside: bool) -> Row {
  let inside = plane_inside && row < params.in_h;
  let start = plane + min(row, params.in_h - 1u) * params.in_w;
  let a = element(start, first, inside);
  let b = element(start, first + 1u, inside);
  let c = element(start, first + 2u, inside);
  let d = element(start, first + 3u, inside);
  let e = element(start, first + 4u, inside);
  return Row(vec4(a, b, c, d), vec4(b, c, d, e));
}

// Of one tap, what four lanes from `first` on have loaded.
fn four_channels(tap: f32, first: u32) -> vec4<f32> {
  if (first == 0u) {
    return vec4(
      subgroupBroadcast(tap, 0u),
      subgroupBroadcast(tap, 1u),
      subgroupBroadcast(tap, 2u),
      subgroupBroadcast(tap, 3u),
    );
  }
  return vec4(
    subgroupBroadcast(tap, LANES - 4u),
    subgroupBroadcast(tap, LANES - 3u),
    subgroupBroadcast(tap, LANES - 2u),
    subgroupBroadcast(tap, LANES - 1u),
  );
}

fn outer(x: vec4<f32>, taps: vec4<f32>) -> mat4x4<f32> {
  if (BLOCK == 2u) {
    return mat4x4(x * taps.x, x * taps.y, vec4(0.0), vec4(0.0));
  }
  return mat4x4(x * taps.x, x * taps.y, x * taps.z, x * taps.w);
}

// Adds what a row of x gives to a row of y by the three taps of one row of the kernel.
fn add_row(sums: Sums, row: Row, taps: mat3x4<f32>) -> Sums {
  return Sums(
    sums.even + outer(row.here, taps[1]),
    sums.odd + outer(row.here, taps[2]) + outer(row.next, taps[0]),
  );
}

struct Place {
  n: u32,
  channel: u32,
  d: u32,
  h: u32,
  w: u32,
}

fn store(at: Place, row: u32, sums: Sums) {
  if (at.d >= params.out_d || at.h + row >= params.out_h) {
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
      let column = at.w + 2u * e;
      if (column < params.out_w) {
        y[start + column] = elem(sums.even[o][e] + offset);
      }
      if (column + 1u < params.out_w) {
        y[start + column + 1u] = elem(sums.odd[o][e] + offset);
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
  let blocks = (params.out_channels + BLOCK - 1u) / BLOCK;
  let phase = group / params.groups % params.stride_d;
  let first = group / (params.groups * params.stride_d) % blocks * BLOCK;
  let n = group / (params.groups * params.stride_d * blocks);
  if (n >= params.batch) {
    return;
  }
  let tile = group % params.groups * WORKGROUP_SIZE + lane;
  let cell_d = tile / (params.tiles_h * params.tiles_w);
  let h = tile / params.tiles_w % params.tiles_h * (ROWS / 2u);
  let w = tile % params.tiles_w * 4u;
  let own_channel = min(first + sublane % LANES, params.out_channels - 1u);
  let first_tap = (phase + params.padding_d) % params.stride_d;
  let ahead = (phase + params.padding_d) / params.stride_d;

  var low = array<Sums, 4>();
  var high = array<Sums, 4>();
  for (var c = 0u; c < params.in_channels; c++) {
    for (var i = first_tap; i < params.kernel_d; i += params.stride_d) {
      let x_d = cell_d + ahead - i / params.stride_d; // below 0 wraps around to a large number
      let inside = x_d < params.in_d;
      let plane = ((n * params.in_channels + c) * params.in_d + min(x_d, params.in_d - 1u)) * params.in_h * params.in_w;
      let row0 = load_row(plane, h, w, inside);
      let row1 = load_row(plane, h + 1u, w, inside);
      let row2 = load_row(plane, h + 2u, w, inside);
      let at = ((c * params.out_channels + own_channel) * params.kernel_d + i) * 9u;
      var taps: array<f32, 9>;
      for (var tap = 0u; tap < 9u; tap++) {
        taps[tap] = weight[at + tap];
      }
      let low_top = mat3x4(four_channels(taps[0], 0u), four_channels(taps[1], 0u), four_channels(taps[2], 0u));
      let low_middle = mat3x4(four_channels(taps[3], 0u), four_channels(taps[4], 0u), four_channels(taps[5], 0u));
      let low_bottom = mat3x4(four_channels(taps[6], 0u), four_channels(taps[7], 0u), four_channels(taps[8], 0u));
      low[0] = add_row(low[0], row0, low_middle);
      low[1] = add_row(add_row(low[1], row0, low_bottom), row1, low_top);
      low[2] = add_row(low[2], row1, low_middle);
      low[3] = add_row(add_row(low[3], row1, low_bottom), row2, low_top);
      if (ROWS == 8u) {
        let row3 = load_row(plane, h + 3u, w, inside);
        let row4 = load_row(plane, h + 4u, w, inside);
        high[0] = add_row(high[0], row2, low_middle);
        high[1] = add_row(add_row(high[1], row2, low_bottom), row3, low_top);
        high[2] = add_row(high[2], row3, low_middle);
        high[3] = add_row(add_row(high[3], row3, low_bottom), row4, low_top);
      }
      if (BLOCK == 8u) {
        let high_top = mat3x4(four_channels(taps[0], 4u), four_channels(taps[1], 4u), four_channels(taps[2], 4u));
        let high_middle = mat3x4(four_channels(taps[3], 4u), four_channels(taps[4], 4u), four_channels(taps[5], 4u));
        let high_bottom = mat3x4(four_channels(taps[6], 4u), four_channels(taps[7], 4u), four_channels(taps[8], 4u));
        high[0] = add_row(high[0], row0, high_middle);
        high[1] = add_row(add_row(high[1], row0, high_bottom), row1, high_top);
        high[2] = add_row(high[2], row1, high_middle);
        high[3] = add_row(add_row(high[3], row1, high_bottom), row2, high_top);
      }
    }
  }

  let d = cell_d * params.stride_d + phase;
  let at = Place(n, first, d, 2u * h, 2u * w);
  let next = Place(n, first + 4u, d, 2u * h, 2u * w);
  for (var r = 0u; r < 4u; r++) {
    store(at, r, low[r]);
    if (BLOCK == 8u) {
      store(next, r, high[r]);
    }
    if (ROWS == 8u) {
      store(at, r + 4u, high[r]);
    }
  }
}
