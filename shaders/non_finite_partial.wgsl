// partial[offset + t] = number of infinities and NaNs among the elements that thread t reads
// t0 .. t6: up to seven tensors, of count0 .. count6 elements (0: none)
// Each tensor has workgroups of its own, which read ELEMENTS elements per thread; `sum_rows` adds.
// By the bits: a compiler may take for granted that numbers are finite, and drop a comparison.
//#include "common/linear_index.wgsl"

struct Params {
  offset: u32,
  workgroups: u32,
  count0: u32,
  count1: u32,
  count2: u32,
  count3: u32,
  count4: u32,
  count5: u32,
  count6: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> t0: array<f32>;
@group(0) @binding(2) var<storage, read> t1: array<f32>;
@group(0) @binding(3) var<storage, read> t2: array<f32>;
@group(0) @binding(4) var<storage, read> t3: array<f32>;
@group(0) @binding(5) var<storage, read> t4: array<f32>;
@group(0) @binding(6) var<storage, read> t5: array<f32>;
@group(0) @binding(7) var<storage, read> t6: array<f32>;
@group(0) @binding(8) var<storage, read_write> partial: array<f32>;

override WORKGROUP_SIZE: u32 = 64u;
const ELEMENTS: u32 = 256u; // rewritable
const EXPONENT: u32 = 0x7f800000u;

fn broken(value: f32) -> f32 {
  return select(0.0, 1.0, (bitcast<u32>(value) & EXPONENT) == EXPONENT);
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  var block = linear_workgroup(workgroup, workgroups);
  if (block >= params.workgroups) {
    return;
  }
  let place = params.offset + block * WORKGROUP_SIZE + lane;
  let length = ELEMENTS * WORKGROUP_SIZE;
  var counts = array<u32, 7>(
    params.count0, params.count1, params.count2, params.count3,
    params.count4, params.count5, params.count6,
  );
  var tensor = 0u;
  while (block * length >= counts[tensor]) {
    block -= (counts[tensor] + length - 1u) / length;
    tensor++;
  }
  let end = min(counts[tensor], (block + 1u) * length);
  let first = block * length + lane;
  var found = 0.0;
  switch (tensor) {
    case 0u: { for (var at = first; at < end; at += WORKGROUP_SIZE) { found += broken(t0[at]); } }
    case 1u: { for (var at = first; at < end; at += WORKGROUP_SIZE) { found += broken(t1[at]); } }
    case 2u: { for (var at = first; at < end; at += WORKGROUP_SIZE) { found += broken(t2[at]); } }
    case 3u: { for (var at = first; at < end; at += WORKGROUP_SIZE) { found += broken(t3[at]); } }
    case 4u: { for (var at = first; at < end; at += WORKGROUP_SIZE) { found += broken(t4[at]); } }
    case 5u: { for (var at = first; at < end; at += WORKGROUP_SIZE) { found += broken(t5[at]); } }
    default: { for (var at = first; at < end; at += WORKGROUP_SIZE) { found += broken(t6[at]); } }
  }
  partial[place] = found;
}
