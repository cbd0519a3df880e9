// p = p - decay * p;  a = momentum * a + (1 - momentum) * g;  v = sqr_momentum * v + (1 - sqr_momentum) * g^2
// p = p - step_size * a / (sqrt(v * unbias) + eps)
//   decay = lr * wd,  step_size = lr / (1 - momentum^k),  unbias = 1 / (1 - sqr_momentum^k)
// parameter p, gradient g, running means a and v: one shape
// One thread per `threads`-th element: 8 of them, so that the index is worked out once.
// The gradient comes times a loss scale; with may_skip nothing happens where overflow[0] is not 0.
// fastai's Adam: Kingma and Ba 2015 with decoupled weight decay, Loshchilov and Hutter 2019.
//#include "common/linear_index.wgsl"

struct Params {
  count: u32,
  threads: u32,
  decay: f32,
  momentum: f32,
  one_minus_momentum: f32,
  sqr_momentum: f32,
  one_minus_sqr_momentum: f32,
  step_size: f32,
  unbias: f32,
  eps: f32,
  inverse_scale: f32,
  may_skip: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> parameter: array<f32>;
@group(0) @binding(2) var<storage, read> gradient: array<f32>;
@group(0) @binding(3) var<storage, read_write> grad_avg: array<f32>;
@group(0) @binding(4) var<storage, read_write> sqr_avg: array<f32>;
@group(0) @binding(5) var<storage, read> overflow: array<f32>;

override WORKGROUP_SIZE: u32 = 64u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = linear_workgroup(workgroup, workgroups) * WORKGROUP_SIZE + lane;
  if (index >= params.threads || (params.may_skip == 1u && overflow[0] != 0.0)) {
    return;
  }
  for (var at = index; at < params.count; at += params.threads) {
    let g = params.inverse_scale * gradient[at];
    let a = params.momentum * grad_avg[at] + params.one_minus_momentum * g;
    let v = params.sqr_momentum * sqr_avg[at] + params.one_minus_sqr_momentum * g * g;
    grad_avg[at] = a;
    sqr_avg[at] = v;
    let change = params.step_size * a / (sqrt(v * params.unbias) + params.eps);
    // Not (1 - decay) * p: that factor, rounded to f32, is off the same way at every step.
    let p = parameter[at];
    parameter[at] = p - (params.decay * p + change);
  }
}
