// average = average + (1 - decay) * (value - average), in place
// average, value: any one shape, `count` elements
// One thread per `threads`-th element: 8 of them, so that the index is worked out once.
// Source: torch.optim.swa_utils.get_ema_avg_fn. In this form a value that stays is its own average.
//#include "common/linear_index.wgsl"

struct Params {
  count: u32,
  threads: u32,
  one_minus_decay: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> value: array<f32>;
@group(0) @binding(2) var<storage, read_write> average: array<f32>;

override WORKGROUP_SIZE: u32 = 64u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = linear_workgroup(workgroup, workgroups) * WORKGROUP_SIZE + lane;
  if (index >= params.threads) {
    return;
  }
  for (var at = index; at < params.count; at += params.threads) {
    let before = average[at];
    average[at] = before + params.one_minus_decay * (value[at] - before);
  }
}
