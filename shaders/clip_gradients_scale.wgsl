// gradient = gradient * min(1, max_norm / (sqrt(squared_norm[0]) + 1e-6)), in place
// gradient: any shape, `count` elements   squared_norm: [1], of all gradients together
// One thread per `threads`-th element: 8 of them, so that the factor is worked out once.
// Source: torch.nn.utils.clip_grad_norm_.
//#include "common/linear_index.wgsl"

struct Params {
  count: u32,
  threads: u32,
  max_norm: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> squared_norm: array<f32>;
@group(0) @binding(2) var<storage, read_write> gradient: array<f32>;

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
  let factor = params.max_norm / (sqrt(squared_norm[0]) + 1e-6);
  // Gradients within the norm keep their bits.
  if (factor >= 1.0) {
    return;
  }
  for (var at = index; at < params.count; at += params.threads) {
    gradient[at] *= factor;
  }
}
