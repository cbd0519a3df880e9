// partial[offset + p] = sum of (inverse_scale * gradient[e])^2 over the elements e = p, p + splits, ...
// gradient: any shape, `count` elements   partial: [splits of all gradients]
// One thread per p. `sum_rows` adds the partial sums of all gradients in a fixed order.
// Source: torch.nn.utils.clip_grad_norm_ with norm_type 2.
//#include "common/linear_index.wgsl"

struct Params {
  count: u32,
  offset: u32,
  splits: u32,
  inverse_scale: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> gradient: array<f32>;
@group(0) @binding(2) var<storage, read_write> partial: array<f32>;

override WORKGROUP_SIZE: u32 = 64u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = linear_workgroup(workgroup, workgroups) * WORKGROUP_SIZE + lane;
  if (index >= params.splits) {
    return;
  }
  // In blocks: a long chain of like summands rounds the same way each time.
  var sum = 0.0;
  var element = index;
  while (element < params.count) {
    var block = 0.0;
    for (var n = 0u; n < 64u && element < params.count; n++) {
      // Before the square, which overflows sooner.
      let value = params.inverse_scale * gradient[element];
      block += value * value;
      element += params.splits;
    }
    sum += block;
  }
  partial[params.offset + index] = sum;
}
