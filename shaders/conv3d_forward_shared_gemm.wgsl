// y[n, o, z] = bias[o] + sum over c, k of weight[o, c, k] * x[n, c, position(z, k)]
// x: [N, Cin, D, H, W]   packed: weight as [taps, Cin, Cout rounded up to 4]   bias: [Cout]
// y: [N, Cout, D', H', W'] or, with splits, [N, Cout, D', H', W', splits] for `sum_rows`
//
// A convolution is a product of matrices, [Cout, taps * Cin] with [taps * Cin, voxels], whose second
// factor is x, shifted by each tap: no copy of it is made (implicit GEMM: Chetlur et al. 2014). A
// workgroup computes TILE_O channels x TILE_V voxels. It walks the inner dimension in chunks: one
// tap, TILE_K input channels. Each chunk is copied into workgroup memory, where every x serves
// TILE_O and every weight TILE_V sums; a thread keeps PER_O x PER_V sums in registers, so that
// PER_V + PER_O / 4 reads from workgroup memory feed PER_O * PER_V multiply-adds. As a tap is fixed,
// a thread works out one position per chunk and then only steps from channel to channel.
//
// Convolutions and transposed ones differ in `position` only. Along each axis, voxel z = cell * phases
// + phase; only the taps first, first + phases, ... meet x at all, the i-th of them at
//   cell * step + i * tap_step + (phase + ahead) / phases - behind,  first = (phase + ahead) % phases.
// A convolution has 1 phase, step = stride, tap_step = dilation, ahead = 0, behind = padding; a
// transposed one `stride` phases, step = 1, tap_step = -1, ahead = padding, behind = 0: eight small
// convolutions for stride 2 (Dumoulin and Visin 2016, section 4.5), and no zero is multiplied.
//
// Neighbouring threads have neighbouring voxels: loads and stores of storage are coalesced. A thread's
// voxels are LANES_V apart, so reads from workgroup memory meet different banks.
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
  phases_d: u32,
  phases_h: u32,
  phases_w: u32,
  step_d: u32,
  step_h: u32,
  step_w: u32,
  tap_d: i32,
  tap_h: i32,
  tap_w: i32,
  ahead_d: u32,
  ahead_h: u32,
  ahead_w: u32,
  behind_d: u32,
  behind_h: u32,
  behind_w: u32,
  has_bias: u32,
  tiles_v: u32, // workgroups along the cells of one phase
  splits: u32, // workgroups along the inner dimension
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<elem>;
@group(0) @binding(2) var<storage, read> packed: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<elem>;

// A multiple of PER_O, which is one of 4.
const TILE_O: u32 = 64u; // rewritable
const PER_O: u32 = 8u; // rewritable
// A multiple of PER_V and of THREADS.
const TILE_V: u32 = 128u; // rewritable
const PER_V: u32 = 8u; // rewritable
const TILE_K: u32 = 16u; // rewritable
override WORKGROUP_SIZE: u32 = 128u; // THREADS

const LANES_V: u32 = TILE_V / PER_V;
const THREADS: u32 = LANES_V * (TILE_O / PER_O);
const SLOTS: u32 = TILE_V / THREADS; // voxels that one thread stages
const QUADS: u32 = PER_O / 4u;

var<workgroup> x_tile: array<f32, TILE_K * TILE_V>;
var<workgroup> weight_tile: array<vec4<f32>, TILE_K * TILE_O / 4u>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let group = linear_workgroup(workgroup, workgroups);
  let inside_size = vec3(params.in_d, params.in_h, params.in_w);
  let size = vec3(params.out_d, params.out_h, params.out_w);
  let kernel = vec3(params.kernel_d, params.kernel_h, params.kernel_w);
  let phases = vec3(params.phases_d, params.phases_h, params.phases_w);
  let cells = (size + phases - 1u) / phases;
  let all_phases = phases.x * phases.y * phases.z;
  let quads = (params.out_channels + 3u) / 4u;
  let tiles_o = (params.out_channels + TILE_O - 1u) / TILE_O;

  let tile_v = group % params.tiles_v;
  let tile_o = group / params.tiles_v % tiles_o;
  let which = group / (params.tiles_v * tiles_o) % all_phases;
  let split = group / (params.tiles_v * tiles_o * all_phases);
  if (split >= params.splits) { // the grid's last row, when it is folded
    return;
  }
  let phase = vec3(which / (phases.y * phases.z), which / phases.z % phases.y, which % phases.z);
  let moved = phase + vec3(params.ahead_d, params.ahead_h, params.ahead_w);
  let first = moved % phases;
  let live = (max(kernel, first) - first + phases - 1u) / phases;
  let chunks_c = (params.in_channels + TILE_K - 1u) / TILE_K;
  let chunks = live.x * live.y * live.z * chunks_c;

  let plane = params.in_h * params.in_w;
  let voxels = params.in_d * plane;

  // The voxels that this thread stages; positions before 0 wrap around to large numbers.
  var staged_n: array<u32, SLOTS>;
  var start: array<vec3<u32>, SLOTS>;
  for (var s = 0u; s < SLOTS; s++) {
    let staged = tile_v * TILE_V + s * THREADS + lane;
    let cell = vec3(staged / (cells.y * cells.z) % cells.x, staged / cells.z % cells.y, staged % cells.z);
    staged_n[s] = staged / (cells.x * cells.y * cells.z);
    start[s] = cell * vec3(params.step_d, params.step_h, params.step_w) + moved / phases
      - vec3(params.behind_d, params.behind_h, params.behind_w);
  }
  let tap_step = vec3<u32>(vec3(params.tap_d, params.tap_h, params.tap_w));

  let lane_v = lane % LANES_V;
  let lane_o = lane / LANES_V;
  var sums: array<vec4<f32>, PER_V * QUADS>;
  for (var s = 0u; s < PER_V * QUADS; s++) {
    sums[s] = vec4(0.0);
  }
  let last = (split + 1u) * chunks / params.splits;
  for (var chunk = split * chunks / params.splits; chunk < last; chunk++) {
    let c = chunk % chunks_c * TILE_K;
    let count = min(TILE_K, params.in_channels - c);
    let t = chunk / chunks_c;
    let i = vec3(t / (live.y * live.z), t / live.z % live.y, t % live.z);
    for (var s = 0u; s < SLOTS; s++) {
      let at = start[s] + i * tap_step;
      let inside = staged_n[s] < params.batch && all(at < inside_size);
      let from_x = (staged_n[s] * params.in_channels + c) * voxels + at.x * plane + at.y * params.in_w + at.z;
      for (var k = 0u; k < TILE_K; k++) {
        var value = 0.0;
        if (inside && k < count) {
          value = f32(x[from_x + k * voxels]);
        }
        x_tile[k * TILE_V + s * THREADS + lane] = value;
      }
    }
    let tap = first + i * phases;
    let row = ((tap.x * kernel.y + tap.y) * kernel.z + tap.z) * params.in_channels + c;
    for (var e = lane; e < TILE_K * TILE_O / 4u; e += THREADS) {
      let k = e / (TILE_O / 4u);
      let quad = tile_o * (TILE_O / 4u) + e % (TILE_O / 4u);
      var values = vec4(0.0);
      if (k < count && quad < quads) {
        values = packed[(row + k) * quads + quad];
      }
      weight_tile[e] = values;
    }
    workgroupBarrier();
    for (var k = 0u; k < TILE_K; k++) {
      var weights: array<vec4<f32>, QUADS>;
      for (var q = 0u; q < QUADS; q++) {
        weights[q] = weight_tile[k * (TILE_O / 4u) + lane_o * QUADS + q];
      }
      for (var v = 0u; v < PER_V; v++) {
        let value = x_tile[k * TILE_V + lane_v + v * LANES_V];
        for (var q = 0u; q < QUADS; q++) {
          sums[v * QUADS + q] += value * weights[q];
        }
      }
    }
    workgroupBarrier();
  }

  for (var v = 0u; v < PER_V; v++) {
    let index = tile_v * TILE_V + lane_v + v * LANES_V;
    let n = index / (cells.x * cells.y * cells.z);
    let here = vec3(index / (cells.y * cells.z) % cells.x, index / cells.z % cells.y, index % cells.z);
    let z = here * phases + phase;
    if (n < params.batch && all(z < size)) {
      for (var q = 0u; q < QUADS; q++) {
        let channel = tile_o * TILE_O + lane_o * PER_O + 4u * q;
        let values = sums[v * QUADS + q];
        // No index into `values` that is worked out: the sums would leave the registers.
        store(n, channel, z, split, values.x);
        store(n, channel + 1u, z, split, values.y);
        store(n, channel + 2u, z, split, values.z);
        store(n, channel + 3u, z, split, values.w);
      }
    }
  }
}

fn store(n: u32, channel: u32, z: vec3<u32>, split: u32, sum: f32) {
  if (channel >= params.out_channels) {
    return;
  }
  var value = sum;
  if (params.has_bias == 1u && split == 0u) {
    value += bias[channel];
  }
  let row = ((n * params.out_channels + channel) * params.out_d + z.x) * params.out_h + z.y;
  y[(row * params.out_w + z.z) * params.splits + split] = elem(value);
}
