// partial[o, c, i, j, k, s] = sum over the tiles t = s, s + splits, ... of dy[n, o, d, h, w] * x[n, c, d * stride + i - padding, ...]
// for kernels of depth KERNEL_D and 3x3 in the plane, stride 1 or 2 in the plane, dilation 1.
// x: [N, Cin, D, H, W]   dy: [N, Cout, D', H', W']   partial: [Cout, Cin, kd, 3, 3, splits]
// A tile is ROWS rows x 4 columns of one depth of dy. One workgroup of eight threads walks the tiles of one split and
// sums all taps of one input channel and 8 * CHANNELS output channels: each thread those of CHANNELS (1, 2 or 4).
// `sum_rows` adds the splits in a fixed order.
// Idea: x is the same for all output channels, so each lane of the subgroup loads another column of a row
// of x, and they hand them around: one load instead of six.
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
  stride_d: u32,
  padding_d: u32,
  padding_h: u32,
  padding_w: u32,
  tiles_h: u32,
  tiles_w: u32,
  splits: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<elem>;
@group(0) @binding(2) var<storage, read> dy: array<elem>;
@group(0) @binding(3) var<storage, read_write> partial: array<f32>;

const CHANNELS: u32 = 2u; // rewritable
const KERNEL_D: u32 = 3u; // rewritable
const STRIDE: u32 = 1u; // rewritable
const ROWS: u32 = 4u; // rewritable
override WORKGROUP_SIZE: u32 = 8u;

// What the taps of one row of the kernel meet: for each of four columns of dy, three neighbours of x.
struct Row {
  a: vec3<f32>,
  b: vec3<f32>,
  c: vec3<f32>,
  d: vec3<f32>,
}

struct Tile {
  n: u32,
  d: u32,
  h: u32,
  w: u32,
}

// One output channel's gradients of a tile, a column per row of dy; 0 outside.
fn load_gradients(tile: Tile, channel: u32) -> mat4x4<f32> {
  let known = min(channel, params.out_channels - 1u);
  let plane = ((tile.n * params.out_channels + known) * params.out_d + tile.d) * params.out_h;
  var gradients: mat4x4<f32>;
  for (var r = 0u; r < ROWS; r++) {
    let row = (plane + min(tile.h + r, params.out_h - 1u)) * params.out_w;
    for (var e = 0u; e < 4u; e++) {
      let inside = tile.h + r < params.out_h && tile.w + e < params.out_w;
      gradients[r][e] = select(0.0, f32(dy[row + min(tile.w + e, params.out_w - 1u)]), inside);
    }
  }
  return gradients;
}

// A row or column before the first wraps around to a large number.
fn load_row(plane: u32, row: u32, first: u32, lane: u32) -> Row {
  let start = plane + min(row, params.in_h - 1u) * params.in_w;
  let column = first + lane;
  let inside = row < params.in_h && column < params.in_w;
  let own = select(0.0, f32(x[start + min(column, params.in_w - 1u)]), inside);
  let v0 = subgroupBroadcast(own, 0u);
  let v1 = subgroupBroadcast(own, 1u);
  let v2 = subgroupBroadcast(own, 2u);
  let v3 = subgroupBroadcast(own, 3u);
  let v4 = subgroupBroadcast(own, 4u);
  let v5 = subgroupBroadcast(own, 5u);
  if (STRIDE == 1u) {
    return Row(vec3(v0, v1, v2), vec3(v1, v2, v3), vec3(v2, v3, v4), vec3(v3, v4, v5));
  }
  let v6 = subgroupBroadcast(own, 6u);
  let v7 = subgroupBroadcast(own, 7u);
  let last_inside = row < params.in_h && first + 8u < params.in_w;
  let v8 = select(0.0, f32(x[start + min(first + 8u, params.in_w - 1u)]), last_inside);
  return Row(vec3(v0, v1, v2), vec3(v2, v3, v4), vec3(v4, v5, v6), vec3(v6, v7, v8));
}

fn load_plane(n: u32, c: u32, xd: u32, row: u32, column: u32, lane: u32) -> array<Row, 9> {
  let plane = ((n * params.in_channels + c) * params.in_d + xd) * params.in_h * params.in_w;
  var rows: array<Row, 9>;
  rows[0] = load_row(plane, row, column, lane);
  rows[1] = load_row(plane, row + 1u, column, lane);
  rows[2] = load_row(plane, row + 2u, column, lane);
  rows[3] = load_row(plane, row + 3u, column, lane);
  if (ROWS == 4u || STRIDE == 2u) {
    rows[4] = load_row(plane, row + 4u, column, lane);
  }
  if (ROWS == 4u) {
    rows[5] = load_row(plane, row + 5u, column, lane);
  }
  if (ROWS == 4u && STRIDE == 2u) {
    rows[6] = load_row(plane, row + 6u, column, lane);
    rows[7] = load_row(plane, row + 7u, column, lane);
    rows[8] = load_row(plane, row + 8u, column, lane);
  }
  return rows;
}

fn add_row(sums: vec3<f32>, gradients: vec4<f32>, row: Row) -> vec3<f32> {
  return sums + gradients.x * row.a + gradients.y * row.b + gradients.z * row.c + gradients.w * row.d;
}

// The nine taps of a plane of the kernel, a column per row of it.
fn add_plane(sums: mat3x3<f32>, gradients: mat4x4<f32>, rows: array<Row, 9>) -> mat3x3<f32> {
  var result = sums;
  for (var j = 0u; j < 3u; j++) {
    for (var r = 0u; r < ROWS; r++) {
      result[j] = add_row(result[j], gradients[r], rows[r * STRIDE + j]);
    }
  }
  return result;
}

// The taps of a plane for all output channels of the thread.
fn add_channels(sums: array<mat3x3<f32>, 4>, gradients: array<mat4x4<f32>, 4>, rows: array<Row, 9>) -> array<mat3x3<f32>, 4> {
  var result = sums;
  result[0] = add_plane(sums[0], gradients[0], rows);
  if (CHANNELS > 1u) {
    result[1] = add_plane(sums[1], gradients[1], rows);
  }
  if (CHANNELS > 2u) {
    result[2] = add_plane(sums[2], gradients[2], rows);
    result[3] = add_plane(sums[3], gradients[3], rows);
  }
  return result;
}

fn store(channel: u32, c: u32, i: u32, split: u32, sums: mat3x3<f32>) {
  if (channel >= params.out_channels || i >= KERNEL_D) {
    return;
  }
  let row = ((channel * params.in_channels + c) * KERNEL_D + i) * 9u;
  for (var j = 0u; j < 3u; j++) {
    for (var k = 0u; k < 3u; k++) {
      partial[(row + 3u * j + k) * params.splits + split] = sums[j][k];
    }
  }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let group = linear_workgroup(workgroup, workgroups);
  let split = group % params.splits;
  let c = (group / params.splits) % params.in_channels;
  let first_channel = group / (params.splits * params.in_channels) * CHANNELS * WORKGROUP_SIZE;
  if (first_channel >= params.out_channels) {
    return;
  }
  let channel = first_channel + lane;
  var near = array<mat3x3<f32>, 4>();
  var middle = array<mat3x3<f32>, 4>();
  var far = array<mat3x3<f32>, 4>();
  let tiles = params.tiles_h * params.tiles_w;
  for (var t = split; t < params.batch * params.out_d * tiles; t += params.splits) {
    let tile = Tile(
      t / (params.out_d * tiles),
      (t / tiles) % params.out_d,
      (t / params.tiles_w) % params.tiles_h * ROWS,
      t % params.tiles_w * 4u,
    );
    var gradients: array<mat4x4<f32>, 4>;
    gradients[0] = load_gradients(tile, channel);
    if (CHANNELS > 1u) {
      gradients[1] = load_gradients(tile, channel + WORKGROUP_SIZE);
    }
    if (CHANNELS > 2u) {
      gradients[2] = load_gradients(tile, channel + 2u * WORKGROUP_SIZE);
      gradients[3] = load_gradients(tile, channel + 3u * WORKGROUP_SIZE);
    }
    let row = tile.h * STRIDE - params.padding_h;
    let column = tile.w * STRIDE - params.padding_w;
    let depth = tile.d * params.stride_d - params.padding_d;
    if (depth < params.in_d) {
      near = add_channels(near, gradients, load_plane(tile.n, c, depth, row, column, lane));
    }
    if (KERNEL_D > 1u && depth + 1u < params.in_d) {
      middle = add_channels(middle, gradients, load_plane(tile.n, c, depth + 1u, row, column, lane));
    }
    if (KERNEL_D > 2u && depth + 2u < params.in_d) {
      far = add_channels(far, gradients, load_plane(tile.n, c, depth + 2u, row, column, lane));
    }
  }

  for (var o = 0u; o < CHANNELS; o++) {
    let own = channel + o * WORKGROUP_SIZE;
    store(own, c, 0u, split, near[o]);
    store(own, c, 1u, split, middle[o]);
    store(own, c, 2u, split, far[o]);
  }
}
