// dx = dy where the slice took the element, 0 elsewhere
// dx: [.., x_size1, .., x_size4]   dy: [y_size0, .., y_size4], missing axes lead with size 1
// One thread per element of dx: along each axis it is index start + k * step of x for some
// k < y_size, or outside.
//#include "common/linear_index.wgsl"

alias elem = f32; // rewritable

struct Params {
  count: u32,
  y_size0: u32,
  start0: u32,
  step0: u32,
  x_size1: u32,
  y_size1: u32,
  start1: u32,
  step1: u32,
  x_size2: u32,
  y_size2: u32,
  start2: u32,
  step2: u32,
  x_size3: u32,
  y_size3: u32,
  start3: u32,
  step3: u32,
  x_size4: u32,
  y_size4: u32,
  start4: u32,
  step4: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<elem>;
@group(0) @binding(2) var<storage, read_write> dx: array<elem>;

const NOWHERE: u32 = 0xffffffffu;

// Position k along one axis of dy, or NOWHERE.
fn source(at: u32, start: u32, step: u32, size: u32) -> u32 {
  if (at < start || (at - start) % step != 0u || (at - start) / step >= size) {
    return NOWHERE;
  }
  return (at - start) / step;
}

override WORKGROUP_SIZE: u32 = 64u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let index = linear_workgroup(workgroup, workgroups) * WORKGROUP_SIZE + lane;
  if (index >= params.count) {
    return;
  }
  var rest = index;
  let k4 = source(rest % params.x_size4, params.start4, params.step4, params.y_size4);
  rest /= params.x_size4;
  let k3 = source(rest % params.x_size3, params.start3, params.step3, params.y_size3);
  rest /= params.x_size3;
  let k2 = source(rest % params.x_size2, params.start2, params.step2, params.y_size2);
  rest /= params.x_size2;
  let k1 = source(rest % params.x_size1, params.start1, params.step1, params.y_size1);
  rest /= params.x_size1;
  let k0 = source(rest, params.start0, params.step0, params.y_size0);
  let outside = max(max(max(k0, k1), max(k2, k3)), k4) == NOWHERE;
  let row = ((k0 * params.y_size1 + k1) * params.y_size2 + k2) * params.y_size3 + k3;
  dx[index] = elem(select(f32(dy[select(row * params.y_size4 + k4, 0u, outside)]), 0.0, outside));
}
